-- The movements of some days, of one class or of all. Grain: movement, flow and fx apart, within the filter of the report.
-- Inputs: moved, seen_movement. Movements that changed nothing are left out unless their class is asked for.
-- `matching` and `total_micros` are of all that fit, also beyond $limit.
SELECT
    m.customer_id, m.on_day, m.class, m.amount_micros, m.after_micros AS mrr_after_micros, v.movement_id,
    m.window_starts_at, m.is_fx, count(*) OVER () AS matching, CAST(sum(m.amount_micros) OVER () AS BIGINT) AS total_micros
FROM moved AS m
LEFT JOIN seen_movement AS v
    ON v.customer_id = m.customer_id AND v.window_starts_at = m.window_starts_at AND v.is_fx = m.is_fx
WHERE m.on_day >= $first AND m.on_day < $until AND m.class IS NOT DISTINCT FROM coalesce($kind, nullif(m.class, 'none'))
ORDER BY abs(m.amount_micros) DESC, m.on_day DESC, m.customer_id, m.window_starts_at, m.is_fx
LIMIT $limit
