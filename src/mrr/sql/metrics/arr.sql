-- Annual run rate: twelve times the ending MRR.
-- metric: arr
-- variant: run rate
-- unit: micros
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: 12 × ending
-- source: ChartMogul, key metrics (ARR = 12 × MRR)
-- caveats: A run rate, not annual contracts: monthly subscriptions are in it. Never add it to MRR.
-- owner: finance
-- drift_risk: as mrr.ending
-- moved_by: +mrr.ending
-- reads: rolled
SELECT period_starts_on, trait, 12 * ending_micros AS numerator, 1 AS denominator
FROM rolled
