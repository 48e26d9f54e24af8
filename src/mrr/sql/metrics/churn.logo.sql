-- Logo churn: the share of customers who ceased to be one.
-- metric: churn.logo
-- variant: by customers
-- unit: ratio
-- stretch: as_churn
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: − customers[churn] ÷ the base of churn for logos
-- parts: customers lost ÷ base of customers
-- missing: no customer to lose
-- source: ChartMogul, customer churn rate (base opening); the other bases are named in the policy's key
-- caveats: By the length of the period: a yearly rate is not twelve monthly ones. A period that is not over understates
--   it.
-- owner: customer success
-- drift_risk: report.churn_rate.denominator, and the policy's churn_at
-- moved_by: +customers.churned
-- reads: rolled
SELECT period_starts_on, trait, base_times * customers_churned AS numerator, base_customers AS denominator
FROM rolled
