-- Every instant at which something of a customer changes, its local day and netting window (DESIGN §8, A33, A42).
-- Grain: customer × instant. Inputs: instant, minute_window.
SELECT
    i.customer_id, i.turns_at, i.of_level, i.of_rate, i.on_day, coalesce(m.window_starts_at, i.window_starts_at) AS window_starts_at,
    coalesce(m.window_ends_at, i.window_ends_at) AS window_ends_at
FROM instant AS i
LEFT JOIN minute_window AS m
    ON m.customer_id = i.customer_id AND i.turns_at >= m.window_starts_at AND i.turns_at < m.window_ends_at
