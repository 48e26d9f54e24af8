-- Customers by search, state and order, a page of them. Grain: customer that ever had a movement.
-- Inputs: seen_window, seen_movement, seen_value, ledger.attribute_period. The caller says by which columns they are in
-- order, of those inside and those outside. `matching` counts all that fit.
WITH stood AS (
    SELECT
        customer_id, arg_max(state_after, window_starts_at) AS state, arg_max(after_micros, window_starts_at) AS mrr_micros
    FROM seen_window
    GROUP BY customer_id
),
named AS (
    SELECT customer_id, value AS name
    FROM ledger.attribute_period
    WHERE key = 'name' AND starts_at < $as_of AND ends_at >= $as_of
),
told AS (
    SELECT customer_id, min(on_day) AS since_on, max(on_day) AS changed_on FROM seen_movement GROUP BY customer_id
),
shown AS (
    SELECT
        s.customer_id, regexp_replace(s.customer_id, '^[^/]*/', '') AS bare_id, s.state, s.mrr_micros, n.name, t.since_on,
        t.changed_on, count(*) OVER () AS matching
    FROM stood AS s
    LEFT JOIN named AS n ON n.customer_id = s.customer_id
    LEFT JOIN told AS t ON t.customer_id = s.customer_id
    WHERE ($state IS NULL OR s.state = $state)
        AND ($search IS NULL OR contains(lower(s.customer_id), lower($search)) OR contains(lower(n.name), lower($search)))
    ORDER BY $order, s.customer_id
    LIMIT $limit OFFSET $offset
)
SELECT
    s.customer_id, split_part(s.customer_id, '/', 1) AS source, s.state, s.mrr_micros, coalesce(v.items, 0) AS items,
    s.since_on, s.changed_on, a.attributes, s.matching
FROM shown AS s
LEFT JOIN (
    SELECT v.customer_id, count(*) AS items
    FROM seen_value AS v
    SEMI JOIN shown AS s ON s.customer_id = v.customer_id
    WHERE v.ends_at >= open_end()
    GROUP BY v.customer_id
) AS v ON v.customer_id = s.customer_id
LEFT JOIN (
    SELECT p.customer_id, map_from_entries(list(row(p.key, p.value) ORDER BY p.key)) AS attributes
    FROM ledger.attribute_period AS p
    SEMI JOIN shown AS s ON s.customer_id = p.customer_id
    WHERE p.starts_at < $as_of AND p.ends_at >= $as_of
    GROUP BY p.customer_id
) AS a ON a.customer_id = s.customer_id
ORDER BY $order, s.customer_id
