-- Everybody of whom the facts speak, by canonical id. Grain: customer. Inputs: facts, identity.
SELECT DISTINCT coalesce(i.canonical_id, f.customer_id) AS customer_id, shelf(coalesce(i.canonical_id, f.customer_id)) AS shelf
FROM (
    SELECT customer_id FROM subscription_fact
    UNION
    SELECT customer_id FROM attribute
) AS f
LEFT JOIN identity AS i ON i.customer_id = f.customer_id
