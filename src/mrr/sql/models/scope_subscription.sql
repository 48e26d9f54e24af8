-- Every subscription that was ever of a customer in scope, or on basis invoice was billed to one. Grain: subscription.
-- Inputs: scope_name, subscription_fact, invoice, invoice_line, policy.
SELECT DISTINCT f.subscription_id, f.shelf
FROM subscription_fact AS f
SEMI JOIN scope_name AS n ON n.shelf = f.customer_shelf AND n.customer_id = f.customer_id
UNION
SELECT coalesce(l.subscription_id, i.subscription_id), shelf(coalesce(l.subscription_id, i.subscription_id))
FROM invoice AS i
JOIN policy AS p ON p.basis = 'invoice'
SEMI JOIN scope_name AS n ON n.customer_id = i.customer_id
LEFT JOIN invoice_line AS l ON l.fact_id = i.fact_id
WHERE coalesce(l.subscription_id, i.subscription_id) IS NOT NULL
