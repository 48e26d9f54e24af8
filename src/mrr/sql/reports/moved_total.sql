-- What moved for each customer, all levels together. Grain: movement, flow and fx apart. Input: seen_movement.
-- `customers` says whether its customer became one (1), ceased to be one (-1), or neither.
SELECT
    m.customer_id, CAST(NULL AS VARCHAR) AS trait, m.window_starts_at, m.is_fx, m.on_day, m.class, m.amount_micros,
    m.mrr_after_micros - m.amount_micros AS before_micros, m.mrr_after_micros AS after_micros,
    CASE WHEN m.is_fx THEN 0
        ELSE CAST(m.state_after IN ('active', 'held') AS INTEGER) - CAST(m.state_before IN ('active', 'held') AS INTEGER) END
        AS customers
FROM seen_movement AS m
