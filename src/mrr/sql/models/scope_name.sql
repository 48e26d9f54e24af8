-- Every id that stands for a customer in scope, merged ones too. Grain: customer id. Inputs: scope_customer, identity.
SELECT customer_id, shelf FROM scope_customer
UNION
SELECT i.customer_id, shelf(i.customer_id) FROM identity AS i SEMI JOIN scope_customer AS s ON s.customer_id = i.canonical_id
