-- The full ids of a customer who is named with or without its source. Grain: customer. Inputs: subscription_fact, attribute.
WITH known AS (
    SELECT customer_id FROM subscription_fact
    UNION
    SELECT customer_id FROM attribute
)
SELECT customer_id
FROM known
WHERE $1 IN (customer_id, regexp_replace(customer_id, '^[^/]*/', ''))
ORDER BY customer_id
