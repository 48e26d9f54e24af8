-- Gross revenue retention, capped in total: as Chargebee publishes it.
-- metric: grr.chargebee
-- variant: capped as a whole
-- unit: ratio
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: the lesser of (sum of kept, as in nrr) and opening ÷ opening
-- parts: MRR kept, capped ÷ opening MRR
-- missing: no MRR at the opening
-- source: Chargebee, "Recurring revenue": min(MRR of the same customers at the end, at the start) ÷ start
-- caveats: One customer's expansion hides another's loss. The page prints 1 % for 5000 ÷ 5000; it means 100 %.
-- owner: finance
-- drift_risk: report.nrr.includes_fx
-- moved_by: +expansion_rate -churn.revenue.gross
-- reads: retained
SELECT
    period_starts_on, trait, least(kept_micros, opening_micros) AS numerator, opening_micros AS denominator
FROM retained
