-- Movements of one class that happened lately and are at least so large, each with the plans that it touched and the
-- entries that told of it. Grain: movement. Inputs: movement, line, customer_window, subscription_fact.
WITH m AS (
    SELECT * FROM ledger.movement
    WHERE class = $class AND opens_at >= $since AND opens_at < $at AND abs(amount_micros) >= $least_micros
),
told AS (
    SELECT m.movement_id, list(DISTINCT f.seq ORDER BY f.seq) AS entries
    FROM m
    JOIN ledger.line AS l ON l.customer_id = m.customer_id AND l.window_starts_at = m.window_starts_at
    JOIN ledger.customer_window AS w ON w.customer_id = m.customer_id AND w.window_starts_at = m.window_starts_at
    JOIN subscription_fact AS f
        ON f.subscription_id = l.subscription_id AND f.effective_at >= m.window_starts_at AND f.effective_at < w.window_ends_at
    GROUP BY m.movement_id
),
touched AS (
    SELECT m.movement_id, list(DISTINCT coalesce(l.product_after, l.product_before)
        ORDER BY coalesce(l.product_after, l.product_before)) AS plans
    FROM m
    JOIN ledger.line AS l ON l.customer_id = m.customer_id AND l.window_starts_at = m.window_starts_at
    GROUP BY m.movement_id
)
SELECT
    m.movement_id, m.customer_id, m.on_day, m.opens_at, m.amount_micros, m.mrr_after_micros,
    coalesce(p.plans, []) AS plans, coalesce(t.entries, []) AS entries
FROM m
LEFT JOIN touched AS p ON p.movement_id = m.movement_id
LEFT JOIN told AS t ON t.movement_id = m.movement_id
ORDER BY abs(m.amount_micros) DESC, m.movement_id
