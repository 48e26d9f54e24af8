-- Customers: who is one at the end of the period: active, or held at 0.
-- metric: customers
-- variant: at the end
-- unit: count
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: the number of customers in state active or held after all windows that are dated before the closing day; in
--   a group or under a filter, those with MRR > 0 inside of it at E
-- source: DESIGN §8, customer state
-- caveats: Held customers (policy zero = hold, status.paused = contraction) pay nothing and are counted, but not in
--   groups. Groups need not add up to the total: a customer may be in several.
-- owner: finance
-- drift_risk: merges of customers lower it, all the way back
-- moved_by: +customers.new +customers.reactivated -customers.churned
-- reads: rolled
SELECT period_starts_on, trait, customers_ending AS numerator, 1 AS denominator
FROM rolled
