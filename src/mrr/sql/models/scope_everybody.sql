-- Everybody of whom the facts speak, by canonical id. Grain: customer. Inputs: facts, identity, policy.
SELECT DISTINCT coalesce(i.canonical_id, f.customer_id) AS customer_id, shelf(coalesce(i.canonical_id, f.customer_id)) AS shelf
FROM (
    SELECT customer_id FROM subscription_fact
    UNION
    SELECT customer_id FROM attribute
    UNION
    SELECT i.customer_id FROM invoice AS i JOIN policy AS p ON p.basis = 'invoice' WHERE i.customer_id IS NOT NULL
) AS f
LEFT JOIN identity AS i ON i.customer_id = f.customer_id
