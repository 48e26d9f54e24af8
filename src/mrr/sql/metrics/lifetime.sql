-- Customer lifetime: how many months a customer stays if churn goes on like this.
-- metric: lifetime
-- variant: the inverse of logo churn
-- unit: months
-- stretch: as_churn
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: months of the stretch ÷ churn.logo, that is (base of churn for logos × months) ÷ − customers[churn]
-- missing: no customer has churned
-- source: 1 ÷ churn rate, the mean of a constant hazard
-- caveats: Churn is rarely constant: most customers who leave do so early. No value without churn.
-- owner: customer success
-- drift_risk: report.churn_rate.denominator
-- moved_by: -churn.logo
-- reads: rolled
SELECT
    period_starts_on, trait, base_customers * months_num AS numerator, base_times * customers_churned * months_den AS denominator
FROM rolled
