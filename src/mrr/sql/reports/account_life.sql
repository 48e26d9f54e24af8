-- Every subscription that was ever of a customer, under any id that stands for it. Grain: subscription.
-- Inputs: subscription_fact, identity.
WITH own AS (
    SELECT $customer AS customer_id
    UNION
    SELECT customer_id FROM identity WHERE canonical_id = $customer
)
SELECT DISTINCT f.shelf, f.subscription_id
FROM subscription_fact AS f
SEMI JOIN own AS o ON shelf(o.customer_id) = f.customer_shelf AND o.customer_id = f.customer_id
