-- Revenue cohorts: what the customers who joined together are worth, period after period, against what they joined with.
-- metric: cohort.revenue
-- variant: revenue, net
-- unit: ratio
-- stretch: period
-- grain: month, quarter, year
-- groups: attributes
-- formula: Cohorts and cells as in cohort.logo. Numerator, the MRR of the members at the end of that period (fx in it);
--   denominator, the MRR with which they joined: the MRR after the window of that first movement
-- parts: MRR then ÷ MRR when they joined
-- source: the net retention triangle of cohort analysis; column 0 is the end of the first period
-- caveats: Column 0 may differ from 100 %: it holds what happened in the rest of the first period.
-- owner: finance
-- drift_risk: merges of customers move them to the earlier cohort; exchange rates are in it
-- moved_by: +expansion_rate -churn.revenue.gross
-- reads: cohort
SELECT cohort, periods_since, members, micros AS numerator, joined_micros AS denominator
FROM cohort
