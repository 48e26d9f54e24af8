-- Reactivated customers: who came back in the period after having churned.
-- metric: customers.reactivated
-- variant: by movements of class reactivation
-- unit: count
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: customers[reactivation]
-- source: DESIGN §8
-- caveats: The policy's reactivation decides what a return is; with as_expansion and net_churn this is 0.
-- owner: customer success
-- drift_risk: the policy's gap turns short absences into none
-- moved_by:
-- reads: rolled
SELECT period_starts_on, trait, customers_reactivated AS numerator, 1 AS denominator
FROM rolled
