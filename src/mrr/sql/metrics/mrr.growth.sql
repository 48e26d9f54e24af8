-- MRR growth: by how much MRR grew in the period, against its opening.
-- metric: mrr.growth
-- variant: ending to ending
-- unit: ratio
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: (ending − opening) ÷ opening
-- parts: MRR gained ÷ opening MRR
-- missing: no MRR at the opening
-- source: ChartMogul, `mrr-percentage-change` of its key metrics
-- caveats: fx is in it, as it is in both levels.
-- owner: finance
-- drift_risk: exchange rates, where customers pay in other currencies
-- moved_by: +mrr.net_new
-- reads: rolled
SELECT period_starts_on, trait, ending_micros - opening_micros AS numerator, opening_micros AS denominator
FROM rolled
