-- Every subscription that was ever of a customer in scope. Grain: subscription. Inputs: scope_customer, identity, facts.
WITH name AS (
    SELECT customer_id FROM scope_customer
    UNION
    SELECT i.customer_id FROM identity AS i SEMI JOIN scope_customer AS s ON s.customer_id = i.canonical_id
)
SELECT DISTINCT f.subscription_id
FROM subscription_fact AS f
SEMI JOIN name AS n ON n.customer_id = f.customer_id
