-- Net revenue retention, twelve months: over the year that ends with the period.
-- metric: nrr.trailing_12
-- variant: by customer, over twelve months
-- unit: ratio
-- stretch: twelve_months
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: as nrr, with the opening, ending and fx of the stretch twelve_months
-- parts: MRR kept ÷ MRR a year before
-- missing: no MRR a year before
-- source: net revenue retention as listed companies report it: today's MRR of the customers of a year ago ÷ their MRR
--   then
-- caveats: No value while the ledger is younger than a year.
-- owner: finance
-- drift_risk: report.nrr.includes_fx; merges of customers
-- moved_by: +nrr
-- reads: retained
SELECT period_starts_on, trait, kept_micros AS numerator, opening_micros AS denominator
FROM retained
