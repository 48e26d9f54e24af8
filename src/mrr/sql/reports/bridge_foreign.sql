-- The customers who differ and pay in another currency than the report's: rates touch them. Grain: customer.
-- Inputs: owned, subscription_fact, subscription_item, invoice, member; $currency is the report's.
SELECT o.customer_id
FROM subscription_fact AS f
JOIN owned AS o ON o.shelf = f.shelf AND o.subscription_id = f.subscription_id
WHERE f.currency <> $currency
UNION
SELECT o.customer_id
FROM subscription_item AS i
JOIN owned AS o ON o.shelf = i.shelf AND o.subscription_id = i.subscription_id
WHERE i.currency <> $currency
UNION
SELECT m.customer_id FROM invoice AS i JOIN member AS m ON m.name = i.customer_id WHERE i.currency <> $currency
