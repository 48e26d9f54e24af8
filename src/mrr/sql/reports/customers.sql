-- Every customer with its state, MRR and attributes as of an instant. Grain: customer.
-- Inputs: seen_window, seen_movement, seen_value, attribute_period. $whose is a condition on whose rows are wanted.
SELECT
    w.customer_id, split_part(w.customer_id, '/', 1) AS source, w.state_after AS state, w.after_micros AS mrr_micros,
    coalesce(v.items, 0) AS items, m.since_on, m.changed_on, a.attributes
FROM (
    SELECT
        customer_id, arg_max(state_after, window_starts_at) AS state_after,
        arg_max(after_micros, window_starts_at) AS after_micros
    FROM seen_window
    WHERE $whose
    GROUP BY customer_id
) AS w
LEFT JOIN (
    SELECT customer_id, min(on_day) AS since_on, max(on_day) AS changed_on
    FROM seen_movement
    WHERE $whose
    GROUP BY customer_id
) AS m ON m.customer_id = w.customer_id
LEFT JOIN (
    SELECT customer_id, count(*) AS items FROM seen_value WHERE $whose AND ends_at >= open_end() GROUP BY customer_id
) AS v ON v.customer_id = w.customer_id
LEFT JOIN (
    SELECT customer_id, map_from_entries(list(row(key, value) ORDER BY key)) AS attributes
    FROM ledger.attribute_period
    WHERE $whose AND starts_at < $as_of AND ends_at >= $as_of
    GROUP BY customer_id
) AS a ON a.customer_id = w.customer_id
WHERE $state IS NULL OR w.state_after = $state
ORDER BY w.after_micros DESC, w.customer_id
