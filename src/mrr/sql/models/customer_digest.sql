-- The fingerprint of each customer's ledger: SHA-256 over its sorted canonical rows. Grain: customer.
-- Inputs: level, movement, line. Nothing in it depends on the order or the number of deliveries (invariants 2 and 3).
-- Blocks have a digest too (block_digest.sql), for which the rows of one lie together.
WITH canonical AS (
    SELECT
        customer_id, concat_ws('|', 'level', subscription_id, item_id, starts_at, ends_at, offer, quantity, num, den,
            local_micros) AS content
    FROM level
    UNION ALL
    SELECT customer_id, concat_ws('|', 'movement', movement_id, on_day, class, amount_micros, mrr_after_micros)
    FROM movement
    UNION ALL
    SELECT
        customer_id, concat_ws('|', 'line', window_starts_at, subscription_id, item_id, status_cause, offer_cause,
            offer_micros, quantity_micros, discount_micros, flow_micros, fx_micros, before_micros, after_micros)
    FROM line
)
SELECT
    customer_id, sha256(array_to_string(list(content ORDER BY content), chr(10))) AS digest,
    block_of(shelf(customer_id)) AS block
FROM canonical
GROUP BY customer_id
ORDER BY block
