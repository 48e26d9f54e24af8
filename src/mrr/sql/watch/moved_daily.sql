-- What moved on each local day, as counts and amounts: in total, by plan and currency of the lines, by attributes as they were.
-- Grain: key × value × class × day. Inputs: ledger.movement, ledger.line, ledger.attribute_period. $first, $last: local days, half-open;
-- $keys: the attributes. A movement of lines of several plans counts with each. The class is that of the customer's movement.
WITH movement AS (
    SELECT customer_id, window_starts_at, opens_at, on_day, class, amount_micros
    FROM ledger.movement
    WHERE NOT is_fx AND class <> 'none' AND class <> 'opening' AND on_day >= $first AND on_day < $last
),
part AS (
    SELECT
        m.customer_id, m.on_day, m.class, coalesce(l.product_after, l.product_before) AS plan,
        coalesce(l.currency_after, l.currency_before) AS currency, l.flow_micros
    FROM movement AS m
    JOIN ledger.line AS l ON l.customer_id = m.customer_id AND l.window_starts_at = m.window_starts_at AND l.in_flow
),
told AS (
    SELECT 'total' AS key, '' AS value, class, on_day, customer_id, amount_micros FROM movement
    UNION ALL SELECT 'plan', plan, class, on_day, customer_id, flow_micros FROM part
    UNION ALL SELECT 'currency', currency, class, on_day, customer_id, flow_micros FROM part
    UNION ALL
    SELECT a.key, a.value, m.class, m.on_day, m.customer_id, m.amount_micros
    FROM movement AS m
    JOIN ledger.attribute_period AS a ON a.customer_id = m.customer_id AND a.starts_at <= m.opens_at AND a.ends_at > m.opens_at
        AND list_contains($keys, a.key)
)
SELECT key, value, class, on_day, count(DISTINCT customer_id) AS moves, CAST(sum(amount_micros) AS BIGINT) AS amount_micros
FROM told
WHERE value IS NOT NULL
GROUP BY key, value, class, on_day
