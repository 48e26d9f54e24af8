-- Expansion rate with reactivation: as Chargebee publishes it.
-- metric: expansion_rate.chargebee
-- variant: with reactivation
-- unit: ratio
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: (expansion + reactivation) ÷ opening
-- parts: expansion and reactivation ÷ opening MRR
-- missing: no MRR at the opening
-- source: Chargebee, "Expansion MRR rate": upgrades, free to paid, reactivations and pause to paid
-- caveats: Free to paid is expansion here only for held customers (policy zero = hold); else it is new or a
--   reactivation.
-- owner: customer success
-- drift_risk: the policy's zero, status.paused and reactivation
-- moved_by: +expansion_rate +customers.reactivated
-- reads: rolled
SELECT period_starts_on, trait, expansion_micros + reactivation_micros AS numerator, opening_micros AS denominator
FROM rolled
