-- Expansion rate: by how much existing customers grew, against the opening.
-- metric: expansion_rate
-- variant: expansion only
-- unit: ratio
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: expansion ÷ opening
-- parts: expansion ÷ opening MRR
-- missing: no MRR at the opening
-- source: expansion MRR ÷ opening MRR, as most tools define it
-- caveats: Expansion of customers who joined within the period is in it. Contraction is not netted.
-- owner: customer success
-- drift_risk: the policy's netting decides whether an up and a down are two movements or one
-- moved_by:
-- reads: rolled
SELECT period_starts_on, trait, expansion_micros AS numerator, opening_micros AS denominator
FROM rolled
