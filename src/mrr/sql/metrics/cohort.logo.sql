-- Logo cohorts: how many of the customers who joined together still pay, period after period.
-- metric: cohort.logo
-- variant: logos
-- unit: ratio
-- stretch: period
-- grain: month, quarter, year
-- groups: attributes
-- formula: A customer joins on the local day of its first movement that ends with MRR > 0 (under a filter: MRR inside it). Its cohort is
--   the period of that day; by an attribute, its value at that movement's day (at the end of the day; report.attributes decides).
--   Cell k (0, 1, 2, …) looks at the end of the k-th period after the one of joining: numerator, the members of the cohort with MRR > 0 then;
--   denominator, all members for whom that period is over by `as_of`. A cell without such members is not there
-- parts: customers who pay ÷ customers who joined
-- source: the retention triangle of cohort analysis; column 0 is the end of the first period
-- caveats: Who leaves and returns counts again. Periods that are not over are not shown.
-- owner: customer success
-- drift_risk: merges of customers move them to the earlier cohort
-- moved_by: -churn.logo
-- reads: cohort
SELECT cohort, periods_since, members, payers AS numerator, members AS denominator
FROM cohort
