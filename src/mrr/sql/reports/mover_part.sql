-- What changed in some movements, item by item. Grain: movement × item. Inputs: mover, seen_line.
SELECT
    m.customer_id, m.window_starts_at, m.is_fx, l.item_id, l.involuntary,
    CASE WHEN m.is_fx THEN 'fx' ELSE coalesce(l.status_cause, CASE
        WHEN l.offer_micros IS NOT NULL THEN l.offer_cause
        WHEN l.quantity_micros IS NOT NULL THEN 'quantity'
        ELSE 'discount' END) END AS cause,
    l.product_before, l.product_after, l.quantity_before, l.quantity_after, l.interval_before, l.interval_after,
    coalesce(l.currency_after, l.currency_before) AS currency,
    CASE WHEN l.currency_before = l.currency_after OR l.currency_before IS NULL OR l.currency_after IS NULL
        THEN coalesce(l.local_after_micros, 0) - coalesce(l.local_before_micros, 0) END AS local_micros
FROM mover AS m
JOIN seen_line AS l ON l.customer_id = m.customer_id AND l.window_starts_at = m.window_starts_at
WHERE CASE WHEN m.is_fx THEN l.fx_micros <> 0 ELSE l.in_flow END
ORDER BY abs(l.after_micros - l.before_micros) DESC, l.subscription_id, l.item_id
