-- Churned customers: who ceased to be a customer in the period.
-- metric: customers.churned
-- variant: by movements of class churn
-- unit: count
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: − customers[churn]; with reactivation = net_churn a return counts as −1 here
-- source: DESIGN §8
-- caveats: Who leaves a group for another one has not churned. Who churns twice in a period counts twice.
-- owner: customer success
-- drift_risk: the policy's churn_at, gap and status keys decide when and whether
-- moved_by:
-- reads: rolled
SELECT period_starts_on, trait, customers_churned AS numerator, 1 AS denominator
FROM rolled
