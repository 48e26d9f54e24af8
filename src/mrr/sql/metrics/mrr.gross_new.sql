-- Gross new MRR: what the period won: new, expansion and reactivation, before any loss.
-- metric: mrr.gross_new
-- variant: gross new
-- unit: micros
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: new + expansion + reactivation
-- source: DESIGN §10
-- caveats: Entering (from another group, under a filter) is not in it. With reactivation = net_churn a return lowers
--   churn instead, and is not in it either.
-- owner: sales
-- drift_risk: the policy's reactivation decides what a return is
-- moved_by: +customers.new +customers.reactivated +asp +expansion_rate
-- reads: rolled
SELECT
    period_starts_on, trait, new_micros + expansion_micros + reactivation_micros AS numerator, 1 AS denominator
FROM rolled
