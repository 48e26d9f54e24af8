-- Who is meant by an id with or without its source. Grain: customer with a ledger, or with snapshots that stand.
-- Inputs: ledger.customer_digest, subscription_fact, identity, excluded. The first conditions are quick, and leave next to
-- none for the last.
WITH counted AS (
    SELECT customer_id
    FROM ledger.customer_digest
    WHERE customer_id = $customer OR ends_with(customer_id, '/' || $customer)
),
told AS (
    SELECT DISTINCT coalesce(i.canonical_id, f.customer_id) AS customer_id
    FROM subscription_fact AS f
    LEFT JOIN identity AS i ON i.customer_id = f.customer_id
    WHERE f.stands
        AND (f.customer_id = $customer OR ends_with(f.customer_id, '/' || $customer)
            OR f.customer_id IN (
                SELECT customer_id FROM identity
                WHERE canonical_id = $customer OR ends_with(canonical_id, '/' || $customer)))
)
SELECT customer_id
FROM (FROM counted UNION SELECT customer_id FROM told ANTI JOIN ledger.excluded USING (customer_id))
WHERE $customer IN (customer_id, regexp_replace(customer_id, '^[^/]*/', ''))
ORDER BY customer_id
