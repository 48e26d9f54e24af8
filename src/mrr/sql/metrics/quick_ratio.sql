-- Quick ratio: how many times over the losses were won back.
-- metric: quick_ratio
-- variant: with reactivation
-- unit: ratio
-- shown: times
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: (new + expansion + reactivation) ÷ − (contraction + churn)
-- parts: MRR won ÷ MRR lost
-- missing: no MRR was lost
-- source: ChartMogul, SaaS quick ratio (reactivation in the numerator)
-- caveats: No value in a period without losses. A small number of large movements decides it in short periods.
-- owner: finance
-- drift_risk: the policy's reactivation and netting
-- moved_by: +mrr.gross_new -churn.revenue.gross
-- reads: rolled
SELECT
    period_starts_on, trait, new_micros + expansion_micros + reactivation_micros AS numerator,
    -(contraction_micros + churn_micros) AS denominator
FROM rolled
