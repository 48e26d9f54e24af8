-- Every subscription that was ever of a customer in scope. Grain: subscription. Inputs: scope_name, subscription_fact.
SELECT DISTINCT f.subscription_id, f.shelf
FROM subscription_fact AS f
SEMI JOIN scope_name AS n ON n.shelf = f.customer_shelf AND n.customer_id = f.customer_id
