-- Gross revenue retention: the same as net, each customer capped at its opening.
-- metric: grr
-- variant: by customer, over the period
-- unit: ratio
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: sum of the lesser of kept and opening ÷ opening, over the customers with opening MRR > 0 (in the group);
--   kept as in nrr
-- parts: MRR kept, capped ÷ opening MRR
-- missing: no MRR at the opening
-- source: the customer-by-customer method that investors ask for
-- caveats: Never above 1. Net of what a customer lost and won back within the stretch. Stricter than grr.chargebee,
--   which caps the total only.
-- owner: finance
-- drift_risk: report.nrr.includes_fx; merges of customers
-- moved_by: -churn.revenue.gross
-- reads: retained
SELECT period_starts_on, trait, capped_micros AS numerator, opening_micros AS denominator
FROM retained
