-- New customers: who became a customer for the first time in the period.
-- metric: customers.new
-- variant: by movements of class new
-- unit: count
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: customers[new]; in a group, the customers whose MRR inside went from 0 to more than 0 by such a movement
-- source: DESIGN §8
-- caveats: Who enters a group from another one is not new. With reactivation = at_most N, a late return is new again.
-- owner: sales
-- drift_risk: identities that are not merged make one customer new twice
-- moved_by: +sign_ups +trial_to_paid
-- reads: rolled
SELECT period_starts_on, trait, customers_new AS numerator, 1 AS denominator
FROM rolled
