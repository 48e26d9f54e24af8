-- By how much more or less is kept of openings from each local day on: summed up to a stretch's last day, it is what the
-- customers of the stretch's opening are worth at its end (retained.sql). Grain: stretch × day.
-- Input: movement, each row with the sign with which it counts.
-- A movement is in a stretch from its day on, and in the opening of one once it begins behind that day: when the next
-- month does, or a year later. Each turn counts as what is kept after it less what was kept before it.
WITH moved AS (
    SELECT sign, customer_id, on_day, amount_micros, CASE WHEN is_fx THEN amount_micros ELSE 0 END AS fx_micros
    FROM $movement
),
turned AS (
    SELECT
        s.stretch, m.sign, m.customer_id, m.on_day, 0 AS opened_micros, m.amount_micros AS moved_micros, m.fx_micros
    FROM moved AS m
    CROSS JOIN (VALUES ('month'), ('twelve_months')) AS s(stretch)
    UNION ALL
    SELECT 'month', sign, customer_id, last_day(on_day) + 1, amount_micros, 0, -fx_micros FROM moved
    UNION ALL
    -- The first last day of a year that begins behind `on_day`, whichever of both Februaries is longer.
    SELECT
        'twelve_months', sign, customer_id,
        CAST(greatest(on_day + INTERVAL 1 YEAR, on_day + 1 + INTERVAL 1 YEAR - INTERVAL 1 DAY) AS DATE), amount_micros, 0,
        -fx_micros
    FROM moved
),
stood AS (
    SELECT
        stretch, sign, on_day, opened_micros, moved_micros, fx_micros AS turned_micros,
        CAST(sum(opened_micros) OVER so_far AS BIGINT) AS opening_micros,
        CAST(sum(moved_micros) OVER so_far AS BIGINT) AS ending_micros, CAST(sum(fx_micros) OVER so_far AS BIGINT) AS fx_micros
    FROM turned
    WINDOW so_far AS (PARTITION BY stretch, sign, customer_id ORDER BY on_day ROWS UNBOUNDED PRECEDING)
),
sided AS (
    SELECT
        stretch, on_day, sign * side AS sign, opening_micros - was * opened_micros AS opening_micros,
        ending_micros - was * moved_micros AS ending_micros, fx_micros - was * turned_micros AS fx_micros
    FROM stood
    CROSS JOIN (VALUES (1, 0), (-1, 1)) AS b(side, was)
),
kept AS (
    SELECT
        stretch, on_day, sign, opening_micros, CASE WHEN opening_micros > 0 THEN ending_micros ELSE 0 END AS whole_micros,
        CASE WHEN opening_micros > 0 AND ending_micros > 0 THEN greatest(ending_micros - fx_micros, 0) ELSE 0 END AS kept_micros
    FROM sided
)
SELECT
    stretch, on_day, CAST(sum(sign * kept_micros) AS BIGINT) AS kept_micros,
    CAST(sum(sign * least(kept_micros, opening_micros)) AS BIGINT) AS capped_micros,
    CAST(sum(sign * whole_micros) AS BIGINT) AS whole_micros,
    CAST(sum(sign * least(whole_micros, opening_micros)) AS BIGINT) AS whole_capped_micros
FROM kept
GROUP BY stretch, on_day
HAVING sum(sign * kept_micros) <> 0 OR sum(sign * least(kept_micros, opening_micros)) <> 0
    OR sum(sign * whole_micros) <> 0 OR sum(sign * least(whole_micros, opening_micros)) <> 0
