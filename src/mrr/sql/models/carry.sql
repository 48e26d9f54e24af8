-- The stretches without MRR that `gap` bridges: from a lapse to the return or to day D + N (A12). Grain: customer × gap.
-- Inputs: level_uncarried, hold_uncarried, calendar, utc_offset, policy. Empty with gap = 0.
-- Only where: SELECT 1 FROM policy WHERE gap > 0.
WITH alive AS (
    SELECT customer_id, starts_at, ends_at FROM level_uncarried, policy WHERE gap > 0 AND local_micros > 0
    UNION ALL
    SELECT customer_id, starts_at, ends_at FROM hold_uncarried, policy WHERE gap > 0
),
turn AS (
    SELECT customer_id, turns_at, sum(step) AS step
    FROM (
        SELECT customer_id, starts_at AS turns_at, 1 AS step FROM alive
        UNION ALL
        SELECT customer_id, ends_at, -1 FROM alive
    )
    GROUP BY customer_id, turns_at
),
counted AS (
    SELECT
        customer_id, turns_at, sum(step) OVER life AS alive, lead(turns_at) OVER life AS next_at
    FROM turn
    WINDOW life AS (PARTITION BY customer_id ORDER BY turns_at)
)
SELECT
    c.customer_id, c.turns_at AS starts_at, least(d.starts_at, coalesce(c.next_at, d.starts_at)) AS ends_at
FROM counted AS c
CROSS JOIN policy AS p
JOIN utc_offset AS o ON c.turns_at >= o.starts_at AND c.turns_at < o.ends_at
JOIN calendar AS d ON d.day = CAST(c.turns_at + to_seconds(o.seconds) AS DATE) + p.gap
WHERE c.alive = 0 AND c.turns_at < open_end()
