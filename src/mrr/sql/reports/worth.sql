-- What each item of a movement was worth before and after it. Inputs: the models of the customer, derived anew.
-- Grain: item × side. The terms behind it let the caller write the arithmetic.
WITH m AS (
    SELECT * FROM temp.movement WHERE movement_id = $movement
),
touched AS (
    SELECT l.subscription_id, l.item_id, m.window_starts_at, w.window_ends_at
    FROM m
    JOIN temp.line AS l ON l.customer_id = m.customer_id AND l.window_starts_at = m.window_starts_at
    JOIN temp.customer_window AS w ON w.customer_id = m.customer_id AND w.window_starts_at = m.window_starts_at
    WHERE CASE WHEN m.is_fx THEN l.fx_micros <> 0 ELSE l.in_flow END
),
probe AS (
    SELECT subscription_id, item_id, 'before' AS side, window_starts_at AS turns_at FROM touched
    UNION ALL
    SELECT t.subscription_id, t.item_id, 'after', least(t.window_ends_at, z.turns_at) FROM touched AS t, temp.horizon AS z
)
SELECT
    v.item_id, p.side, v.local_micros, v.currency, v.reporting_micros, b.bill, v.unit, v.units, v.quantity, v.each_num, v.den,
    v.rate_num, v.rate_den
FROM probe AS p
JOIN temp.value AS v
    ON v.subscription_id = p.subscription_id AND v.item_id = p.item_id
    AND v.starts_at < p.turns_at AND v.ends_at >= p.turns_at
LEFT JOIN temp.bill AS b
    ON b.subscription_id = p.subscription_id AND b.starts_at < p.turns_at AND b.ends_at >= p.turns_at
ORDER BY v.subscription_id, v.item_id, p.side DESC
