-- What moved in each stretch, and `net_*`, what moved in each period with all that was before the first one. Both are read at
-- once, and days are put into stretches before their rows are, as there are far fewer of them. Grain: stretch × group × class.
-- Inputs: period, day.
WITH placed AS (
    SELECT o.on_day, p.period_starts_on, o.on_day >= p.opens_on AS moves, o.on_day >= p.counts_from AS counts
    FROM (SELECT DISTINCT on_day FROM day) AS o
    JOIN period AS p ON o.on_day >= least(p.opens_on, p.counts_from) AND o.on_day < p.closes_on
)
SELECT
    p.period_starts_on, d.trait, d.class, CAST(sum(d.amount_micros) FILTER (WHERE p.moves) AS BIGINT) AS amount_micros,
    CAST(sum(d.customers) FILTER (WHERE p.moves) AS BIGINT) AS customers,
    CAST(sum(d.amount_micros) FILTER (WHERE p.counts) AS BIGINT) AS net_micros,
    CAST(sum(d.customers) FILTER (WHERE p.counts) AS BIGINT) AS net_customers,
    CAST(sum(d.payers) FILTER (WHERE p.counts) AS BIGINT) AS net_payers
FROM day AS d
JOIN placed AS p ON p.on_day = d.on_day
GROUP BY p.period_starts_on, d.trait, d.class
