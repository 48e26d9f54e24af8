-- What moved in each stretch, without those who joined and left within it. Grain: stretch × group × class.
-- Inputs: period, moved, hidden.
SELECT
    p.period_starts_on, m.trait, m.class, CAST(sum(m.amount_micros) AS BIGINT) AS amount_micros,
    CAST(sum(m.customers) AS BIGINT) AS customers
FROM period AS p
JOIN moved AS m ON m.on_day >= p.opens_on AND m.on_day < p.closes_on
ANTI JOIN hidden AS h ON h.period_starts_on = p.period_starts_on AND h.customer_id = m.customer_id
GROUP BY p.period_starts_on, m.trait, m.class
