-- Net revenue retention: what the customers of the opening are worth at the end, against the opening.
-- metric: nrr
-- variant: by customer, over the period
-- unit: ratio
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: sum of kept ÷ opening, over the customers with opening MRR > 0 (in the group). Kept is, by customer: 0 if its ending MRR is 0,
--   else ending − the customer's fx in the stretch, at least 0; with report.nrr.includes_fx = true simply its ending MRR
-- parts: MRR kept ÷ opening MRR
-- missing: no MRR at the opening
-- source: the customer-by-customer method that investors ask for; Baremetrics' and Chargebee's totals have names of their own
-- caveats: New and returning customers are not in it, however they grow: who was at 0 at the opening stays out. One month
--   by itself is noisy: see nrr.trailing_12. Who leaves a group keeps nothing in it.
-- owner: finance
-- drift_risk: report.nrr.includes_fx; merges of customers
-- moved_by: +expansion_rate -churn.revenue.gross
-- reads: retained
SELECT period_starts_on, trait, kept_micros AS numerator, opening_micros AS denominator
FROM retained
