-- What moved in each stretch. Grain: stretch × group × class. Inputs: period, day.
SELECT
    p.period_starts_on, d.trait, d.class, CAST(sum(d.amount_micros) AS BIGINT) AS amount_micros,
    CAST(sum(d.customers) AS BIGINT) AS customers
FROM period AS p
JOIN day AS d ON d.on_day >= p.opens_on AND d.on_day < p.closes_on
GROUP BY p.period_starts_on, d.trait, d.class
