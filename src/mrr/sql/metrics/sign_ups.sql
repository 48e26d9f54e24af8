-- Sign-ups: customers first heard of in the period, paying or not.
-- metric: sign_ups
-- variant: first fact of a customer
-- unit: count
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: attributes
-- formula: the number of customers (after merges, without those whom the policy excludes) whose first instant t lies on
--   a local day of the period, t < E. t is the earliest of: effective_at and, where sooner and known, started_at of its
--   standing subscription facts; the effective_at of its dated attributes. By attribute: the value from t on (undated
--   attributes always held)
-- source: DESIGN §10
-- caveats: Undated facts alone make no sign-up. By attributes only: who has no subscription has no plan.
-- owner: growth
-- drift_risk: a source that sends customers only when they pay makes it equal to new customers
-- moved_by:
-- reads: sign_up
SELECT s.period_starts_on, s.trait, count(DISTINCT m.customer_id) AS numerator, 1 AS denominator
FROM spine AS s
LEFT JOIN member AS m ON m.trait IS NOT DISTINCT FROM s.trait AND m.starts_at >= s.opens_at AND m.starts_at < s.ends_at
GROUP BY s.period_starts_on, s.trait
