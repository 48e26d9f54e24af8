-- Net new MRR: what all movements but exchange rates come to in the period.
-- metric: mrr.net_new
-- variant: net new
-- unit: micros
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: new + expansion + reactivation + contraction + churn + entering + leaving
-- source: DESIGN §10
-- caveats: fx is not in it: ending − opening = net new + fx. Entering and leaving are 0 unless there is a filter or
--   group.
-- owner: finance
-- drift_risk: the policy's netting and timezone shift movements between periods; the sum over time stays
-- moved_by: +mrr.gross_new -churn.revenue.gross +expansion_rate
-- reads: rolled
SELECT
    period_starts_on, trait,
    new_micros + expansion_micros + reactivation_micros + contraction_micros + churn_micros + entering_micros + leaving_micros
        AS numerator, 1 AS denominator
FROM rolled
