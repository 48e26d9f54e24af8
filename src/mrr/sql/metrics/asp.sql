-- Average sale price: new MRR by new customer.
-- metric: asp
-- variant: per new customer
-- unit: micros
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: new ÷ customers[new]
-- parts: new MRR ÷ new customers
-- missing: no new customer
-- source: ChartMogul, ASP (average sale price)
-- caveats: The MRR of their first day (window), not what they grow to later.
-- owner: sales
-- drift_risk: the policy's starts_at and trial keys decide what the first day is
-- moved_by:
-- reads: rolled
SELECT period_starts_on, trait, new_micros AS numerator, customers_new AS denominator
FROM rolled
