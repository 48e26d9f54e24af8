-- The newest things that customers did, without what only exchange rates did. Grain: movement. Inputs: seen_movement.
SELECT
    m.customer_id, m.on_day, m.class, m.amount_micros, m.mrr_after_micros, m.movement_id, m.window_starts_at, m.is_fx
FROM seen_movement AS m
WHERE m.on_day >= $first AND NOT m.is_fx AND m.class <> 'none'
ORDER BY m.on_day DESC, m.opens_at DESC, m.customer_id
LIMIT $limit
