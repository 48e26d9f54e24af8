-- Net revenue churn: what churn and contraction took, less what expansion and reactivation gave back.
-- metric: churn.revenue.net
-- variant: net of expansion and reactivation
-- unit: ratio
-- stretch: as_churn
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: − (churn + contraction + expansion + reactivation) ÷ the base of churn for revenue
-- parts: MRR lost, net ÷ base of MRR
-- missing: no MRR to lose
-- source: ChartMogul, net MRR churn rate: reactivation is netted together with expansion (base opening)
-- caveats: Negative where existing customers grow by more than is lost. Not 1 − nrr: that follows the customers of the
--   opening alone.
-- owner: customer success
-- drift_risk: report.churn_rate.denominator
-- moved_by: +churn.revenue.gross -expansion_rate
-- reads: rolled
SELECT
    period_starts_on, trait,
    -base_times * (churn_micros + contraction_micros + expansion_micros + reactivation_micros) AS numerator,
    base_micros AS denominator
FROM rolled
