-- Ten largest customers: the share of ending MRR that they pay.
-- metric: concentration.top_10
-- variant: ten largest customers
-- unit: ratio
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: the sum of the ten largest customers' MRR inside the group at the instant E ÷ the sum over all customers
-- parts: ten largest ÷ ending MRR
-- missing: no MRR at the end
-- source: customer concentration as lenders and auditors ask for it
-- caveats: 1 with ten customers or fewer. By customer of the billing system.
-- owner: finance
-- drift_risk: merges of customers
-- moved_by: +concentration.top_1
-- reads: account
WITH ranked AS (
    SELECT a.*, row_number() OVER (PARTITION BY period_starts_on, trait ORDER BY micros DESC, customer_id) AS place
    FROM account AS a
)
SELECT
    s.period_starts_on, s.trait, CAST(coalesce(sum(r.micros) FILTER (WHERE r.place <= 10), 0) AS BIGINT) AS numerator,
    CAST(coalesce(sum(r.micros), 0) AS BIGINT) AS denominator
FROM spine AS s
LEFT JOIN ranked AS r ON r.period_starts_on = s.period_starts_on AND r.trait IS NOT DISTINCT FROM s.trait
GROUP BY s.period_starts_on, s.trait
