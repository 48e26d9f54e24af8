-- Lifetime value by logo churn: revenue per account over the lifetime that logo churn implies.
-- metric: ltv.simple
-- variant: by logo churn, no margin
-- unit: micros
-- stretch: as_churn
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: ARPA × months of the stretch ÷ churn.logo, that is (ending × base of churn for logos × months) ÷ (payers × −
--   customers[churn])
-- missing: no customer has churned
-- source: ChartMogul, key metrics (LTV = ARPA ÷ customer churn rate), by month; other grains are brought to months
-- caveats: Revenue, not profit. No value without churn. A period that is not over understates churn, and so overstates
--   this.
-- owner: finance
-- drift_risk: report.churn_rate.denominator
-- moved_by: +arpa -churn.logo
-- reads: rolled
SELECT
    period_starts_on, trait, CAST(ending_micros AS HUGEINT) * base_customers * months_num AS numerator,
    CAST(payers_ending AS HUGEINT) * base_times * customers_churned * months_den AS denominator
FROM rolled
