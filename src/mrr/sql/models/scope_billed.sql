-- The ids by which the invoices of the scope are looked up; none where the policy reads no invoices. Grain: id of a
-- customer or a subscription. Inputs: scope_name, scope_subscription, policy.
-- Only where: SELECT 1 FROM policy WHERE reads_invoices.
SELECT n.customer_id AS id FROM scope_name AS n JOIN policy AS p ON p.reads_invoices
UNION
SELECT s.subscription_id FROM scope_subscription AS s JOIN policy AS p ON p.reads_invoices
