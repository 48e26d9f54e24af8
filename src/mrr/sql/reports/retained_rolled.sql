-- What is kept of each opening as retained tells it, of all customers together, out of the steps of the roll-up.
-- Grain: period. Inputs: rolled, period, report, kept.
WITH stepped AS (
    SELECT
        p.period_starts_on, sum(CASE WHEN r.includes_fx THEN whole_micros ELSE kept_micros END) AS kept_micros,
        sum(CASE WHEN r.includes_fx THEN whole_capped_micros ELSE capped_micros END) AS capped_micros
    FROM period AS p
    CROSS JOIN report AS r
    JOIN kept AS k ON k.on_day >= p.counts_from AND k.on_day < p.closes_on
    GROUP BY p.period_starts_on
)
SELECT
    r.period_starts_on, r.trait, r.opening_micros,
    CAST(sum(coalesce(s.kept_micros, 0)) OVER so_far AS BIGINT) AS kept_micros,
    CAST(sum(coalesce(s.capped_micros, 0)) OVER so_far AS BIGINT) AS capped_micros
FROM rolled AS r
LEFT JOIN stepped AS s ON s.period_starts_on = r.period_starts_on
WINDOW so_far AS (ORDER BY r.period_starts_on)
