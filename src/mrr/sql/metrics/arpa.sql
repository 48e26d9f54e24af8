-- Average revenue per account: ending MRR by paying customer.
-- metric: arpa
-- variant: per paying customer
-- unit: micros
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: ending ÷ payers at E (customers with MRR > 0 inside the group; held customers are none)
-- parts: ending MRR ÷ paying customers
-- missing: no paying customer at the end
-- source: ChartMogul, key metrics (ARPA = MRR ÷ customers)
-- caveats: A mean: a few large accounts move it. Monthly, whatever the grain.
-- owner: finance
-- drift_risk: merges of customers raise it, all the way back
-- moved_by: +asp +expansion_rate
-- reads: rolled
SELECT period_starts_on, trait, ending_micros AS numerator, payers_ending AS denominator
FROM rolled
