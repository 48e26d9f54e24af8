-- In which netting window each edge of a member falls (A42: a changed attribute opens a window as a level does).
-- Grain: customer × instant. Inputs: member, seen_change, utc_offset, calendar, policy.
WITH edge AS (
    SELECT customer_id, starts_at AS turns_at FROM member
    UNION
    SELECT customer_id, ends_at FROM member WHERE ends_at < open_end()
)
SELECT
    e.customer_id, e.turns_at, CAST(e.turns_at + to_seconds(o.seconds) AS DATE) AS on_day,
    coalesce(c.window_starts_at,
        CASE WHEN p.netting IN ('day', 'month') THEN d.starts_at ELSE e.turns_at END) AS window_starts_at
FROM edge AS e
CROSS JOIN policy AS p
JOIN utc_offset AS o ON e.turns_at >= o.starts_at AND e.turns_at < o.ends_at
JOIN calendar AS d ON d.day = CASE p.netting
    WHEN 'month' THEN CAST(date_trunc('month', e.turns_at + to_seconds(o.seconds)) AS DATE)
    ELSE CAST(e.turns_at + to_seconds(o.seconds) AS DATE) END
LEFT JOIN seen_change AS c ON c.customer_id = e.customer_id AND c.turns_at = e.turns_at
