-- Plan mix: each plan's share of ending MRR.
-- metric: plan_mix
-- variant: share of the total
-- unit: ratio
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- by: plan
-- formula: ending of the group ÷ ending of all groups together (under the same filters). Grouped by plan unless another
--   key is asked
-- parts: MRR of the group ÷ ending MRR
-- missing: no MRR at the end
-- source: DESIGN §10
-- caveats: Shares add up to 1; MRR without the attribute is a group of its own.
-- owner: product
-- drift_risk: products that are renamed by making new ones
-- moved_by:
-- reads: rolled
SELECT
    period_starts_on, trait, ending_micros AS numerator,
    CAST(sum(ending_micros) OVER (PARTITION BY period_starts_on) AS BIGINT) AS denominator
FROM rolled
