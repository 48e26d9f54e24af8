-- Largest customer: the share of ending MRR that it pays.
-- metric: concentration.top_1
-- variant: largest customer
-- unit: ratio
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: the largest customer's MRR inside the group at the instant E ÷ the sum over all customers
-- parts: largest customer ÷ ending MRR
-- missing: no MRR at the end
-- source: customer concentration as lenders and auditors ask for it
-- caveats: By customer of the billing system; affiliates that are not merged count apart.
-- owner: finance
-- drift_risk: merges of customers
-- moved_by:
-- reads: account
SELECT
    s.period_starts_on, s.trait, coalesce(max(a.micros), 0) AS numerator,
    CAST(coalesce(sum(a.micros), 0) AS BIGINT) AS denominator
FROM spine AS s
LEFT JOIN account AS a ON a.period_starts_on = s.period_starts_on AND a.trait IS NOT DISTINCT FROM s.trait
GROUP BY s.period_starts_on, s.trait
