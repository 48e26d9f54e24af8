-- Gross revenue retention, twelve months: over the year that ends with the period.
-- metric: grr.trailing_12
-- variant: by customer, over twelve months
-- unit: ratio
-- stretch: twelve_months
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: as grr, with the opening, ending and fx of the stretch twelve_months
-- parts: MRR kept, capped ÷ MRR a year before
-- missing: no MRR a year before
-- source: gross revenue retention as listed companies report it
-- caveats: No value while the ledger is younger than a year. A customer who shrank and grew again within the year has
--   lost nothing.
-- owner: finance
-- drift_risk: report.nrr.includes_fx; merges of customers
-- moved_by: +grr
-- reads: retained
SELECT period_starts_on, trait, capped_micros AS numerator, opening_micros AS denominator
FROM retained
