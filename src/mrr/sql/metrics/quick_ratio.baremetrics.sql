-- Quick ratio without reactivation: as Baremetrics publishes it.
-- metric: quick_ratio.baremetrics
-- variant: without reactivation
-- unit: ratio
-- shown: times
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: (new + expansion) ÷ − (contraction + churn)
-- parts: MRR won ÷ MRR lost
-- missing: no MRR was lost
-- source: Baremetrics changelog, "Quick ratio": (new + expansion) ÷ (contraction + churned)
-- caveats: As printed: returning customers are not in it.
-- owner: finance
-- drift_risk: the policy's reactivation and netting
-- moved_by: +mrr.gross_new -churn.revenue.gross
-- reads: rolled
SELECT
    period_starts_on, trait, new_micros + expansion_micros AS numerator, -(contraction_micros + churn_micros) AS denominator
FROM rolled
