-- The levels with gaps bridged: the last levels before a lapse stay, as levels in every respect, until the gap is over
-- (A12). Grain: item × stretch. Inputs: level_uncarried, carry. What ends in a gap ends with it, and what begins in it
-- (it can only be worth 0) begins after it. `told_to_at` is the end that the facts told, before any gap.
SELECT
    l.* EXCLUDE (starts_at, ends_at), coalesce(b.ends_at, l.starts_at) AS starts_at, coalesce(e.ends_at, l.ends_at) AS ends_at,
    l.ends_at AS told_to_at
FROM level_uncarried AS l
LEFT JOIN carry AS b ON b.customer_id = l.customer_id AND b.starts_at <= l.starts_at AND b.ends_at > l.starts_at
LEFT JOIN carry AS e ON e.customer_id = l.customer_id AND e.starts_at <= l.ends_at AND e.ends_at > l.ends_at
WHERE coalesce(b.ends_at, l.starts_at) < coalesce(e.ends_at, l.ends_at)
