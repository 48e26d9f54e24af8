-- Who is meant by an id with or without its source. Grain: customer of the ledger. Inputs: ledger.customer_digest.
-- The first condition is quick, and leaves next to none for the second.
SELECT customer_id
FROM ledger.customer_digest
WHERE (customer_id = $customer OR ends_with(customer_id, '/' || $customer))
    AND $customer IN (customer_id, regexp_replace(customer_id, '^[^/]*/', ''))
ORDER BY customer_id
