-- The levels with gaps bridged: the last levels before a lapse stay, as levels in every respect (A12).
-- Grain: item × stretch. Inputs: level_uncarried, carry. Where a level of the same item at 0 lies in the gap, it gives way.
WITH stretched AS (
    SELECT l.* EXCLUDE (ends_at), coalesce(g.ends_at, l.ends_at) AS ends_at, g.starts_at AS gap_at, g.ends_at AS gap_to
    FROM level_uncarried AS l
    LEFT JOIN carry AS g ON g.customer_id = l.customer_id AND g.starts_at = l.ends_at
),
blocked AS (
    SELECT s.subscription_id, s.item_id, s.starts_at, max(e.gap_to) AS until_at
    FROM stretched AS s
    JOIN stretched AS e
        ON e.gap_at IS NOT NULL AND e.subscription_id = s.subscription_id AND e.item_id = s.item_id
        AND s.starts_at >= e.gap_at AND s.starts_at < e.gap_to
    GROUP BY s.subscription_id, s.item_id, s.starts_at
),
waiting AS (
    SELECT s.* EXCLUDE (starts_at, gap_at, gap_to), coalesce(b.until_at, s.starts_at) AS starts_at
    FROM stretched AS s
    LEFT JOIN blocked AS b
        ON b.subscription_id = s.subscription_id AND b.item_id = s.item_id AND b.starts_at = s.starts_at
)
SELECT *
FROM waiting
WHERE starts_at < ends_at
