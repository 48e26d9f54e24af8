-- Every subscription that was ever of a customer who differs. Grain: subscription × customer.
-- Inputs: subscription_fact, member (every name of a customer who differs, merged ones too).
SELECT DISTINCT f.subscription_id, f.shelf, m.customer_id
FROM subscription_fact AS f
JOIN member AS m ON m.shelf = f.customer_shelf AND m.name = f.customer_id
