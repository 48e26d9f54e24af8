-- Per movement: its lines add up to its amount (DESIGN §8).
SELECT m.movement_id, m.class, m.amount_micros, l.flow_micros, l.fx_micros
FROM ledger.movement AS m
LEFT JOIN (
    SELECT customer_id, window_starts_at, sum(flow_micros) FILTER (WHERE in_flow) AS flow_micros, sum(fx_micros) AS fx_micros
    FROM ledger.line
    GROUP BY customer_id, window_starts_at
) AS l ON l.customer_id = m.customer_id AND l.window_starts_at = m.window_starts_at
WHERE m.amount_micros <> coalesce(CASE WHEN m.is_fx THEN l.fx_micros ELSE l.flow_micros END, 0)
