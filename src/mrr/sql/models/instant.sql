-- Every instant at which something of a customer changes, its local day, and the window that would open with it (DESIGN §8,
-- A33, A42). Grain: customer × instant. Inputs: value, hold, attribute_period, utc_offset, calendar, policy, horizon.
WITH told AS (
    SELECT customer_id, starts_at AS turns_at, enters_by_level AS of_level, NOT enters_by_level AS of_rate FROM value
    UNION ALL SELECT customer_id, ends_at, leaves_by_level, NOT leaves_by_level FROM value
    UNION ALL SELECT customer_id, starts_at, TRUE, FALSE FROM hold
    UNION ALL SELECT customer_id, ends_at, TRUE, FALSE FROM hold
    UNION ALL
    SELECT a.customer_id, a.starts_at, FALSE, FALSE
    FROM attribute_period AS a
    SEMI JOIN scope_customer AS s ON s.customer_id = a.customer_id
    JOIN horizon AS z ON a.starts_at < z.turns_at
    WHERE a.starts_at > TIMESTAMP '1970-01-01'
),
dated AS (
    SELECT
        i.customer_id, i.turns_at, bool_or(i.of_level) AS of_level, bool_or(i.of_rate) AS of_rate,
        CAST(i.turns_at + to_seconds(o.seconds) AS DATE) AS on_day
    FROM told AS i
    JOIN utc_offset AS o ON i.turns_at >= o.starts_at AND i.turns_at < o.ends_at
    GROUP BY i.customer_id, i.turns_at, o.seconds
)
SELECT
    d.*,
    CASE p.netting WHEN 'day' THEN opens.starts_at WHEN 'month' THEN opens.starts_at ELSE d.turns_at END AS window_starts_at,
    CASE p.netting WHEN 'event' THEN d.turns_at + INTERVAL 1 MICROSECOND
        WHEN 'minutes' THEN least(d.turns_at + to_minutes(p.netting_minutes), closes.starts_at)
        ELSE closes.starts_at END AS window_ends_at
FROM dated AS d
CROSS JOIN policy AS p
JOIN calendar AS opens ON opens.day = CASE p.netting WHEN 'month' THEN make_date(year(d.on_day), month(d.on_day), 1)
    ELSE d.on_day END
JOIN calendar AS closes ON closes.day = CASE p.netting WHEN 'month' THEN last_day(d.on_day) ELSE d.on_day END + 1
