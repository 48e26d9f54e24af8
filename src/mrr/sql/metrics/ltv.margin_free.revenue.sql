-- Lifetime value by revenue churn: revenue per account over the lifetime that gross revenue churn implies.
-- metric: ltv.margin_free.revenue
-- variant: by gross revenue churn, no margin
-- unit: micros
-- stretch: as_churn
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: ARPA × months of the stretch ÷ churn.revenue.gross, that is (ending × base of churn for revenue × months) ÷
--   (payers × − (churn + contraction))
-- missing: no MRR was lost
-- source: ARPA ÷ revenue churn rate, the revenue-weighted form of the same rule
-- caveats: Revenue, not profit. No value without losses. Counts downgrades as lost life.
-- owner: finance
-- drift_risk: report.churn_rate.denominator
-- moved_by: +arpa -churn.revenue.gross
-- reads: rolled
SELECT
    period_starts_on, trait, CAST(ending_micros AS HUGEINT) * base_micros * months_num AS numerator,
    -CAST(payers_ending AS HUGEINT) * base_times * (churn_micros + contraction_micros) * months_den AS denominator
FROM rolled
