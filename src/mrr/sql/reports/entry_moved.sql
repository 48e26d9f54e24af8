-- The movements in whose window a snapshot that an entry tells takes effect. Grain: movement.
-- Inputs: subscription_fact, subscription_item, line, customer_window, movement.
SELECT DISTINCT m.movement_id, m.on_day, m.customer_id, m.class, m.amount_micros
FROM subscription_fact AS f
JOIN ledger.line AS l ON l.subscription_id = f.subscription_id
JOIN ledger.customer_window AS w
    ON w.customer_id = l.customer_id AND w.window_starts_at = l.window_starts_at
    AND f.effective_at >= w.window_starts_at AND f.effective_at < w.window_ends_at
JOIN ledger.movement AS m ON m.customer_id = w.customer_id AND m.window_starts_at = w.window_starts_at
WHERE f.seq = $seq AND f.fact_id // $per_entry = f.seq AND f.stands
ORDER BY m.on_day, m.movement_id
