-- Net revenue retention, thirty days: from totals, as Baremetrics publishes it.
-- metric: nrr.baremetrics
-- variant: totals, over thirty days
-- unit: ratio
-- stretch: thirty_days
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: (opening + churn + expansion) ÷ opening, over the 30 days before the closing day
-- parts: MRR kept ÷ MRR 30 days before
-- missing: no MRR 30 days before
-- source: Baremetrics changelog, "Net revenue retention": 100 % − (churned − expansion) ÷ MRR 30 days ago
-- caveats: As printed: contraction and reactivation are not in it, and movements of customers who joined within the
--   thirty days are.
-- owner: finance
-- drift_risk: the tool may count contraction as churn; it does not say
-- moved_by: +expansion_rate -churn.revenue.gross
-- reads: rolled
SELECT period_starts_on, trait, opening_micros + churn_micros + expansion_micros AS numerator, opening_micros AS denominator
FROM rolled
