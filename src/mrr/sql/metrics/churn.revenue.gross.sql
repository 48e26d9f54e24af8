-- Gross revenue churn: the share of MRR lost to churn and contraction.
-- metric: churn.revenue.gross
-- variant: gross
-- unit: ratio
-- stretch: as_churn
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: − (churn + contraction) ÷ the base of churn for revenue
-- parts: MRR lost ÷ base of MRR
-- missing: no MRR to lose
-- source: ChartMogul, gross MRR churn rate (base opening)
-- caveats: Losses of customers who joined within the period are in it; grr leaves them out. Leaving a group is none. fx
--   is not in it.
-- owner: customer success
-- drift_risk: report.churn_rate.denominator; the policy's status.paused and zero move losses between the classes
-- moved_by: +churn.logo
-- reads: rolled
SELECT
    period_starts_on, trait, -base_times * (churn_micros + contraction_micros) AS numerator, base_micros AS denominator
FROM rolled
