-- What some customers are called as of an instant. Grain: customer. Inputs: mover, ledger.attribute_period.
SELECT DISTINCT a.customer_id, a.value
FROM ledger.attribute_period AS a
SEMI JOIN mover AS m ON m.customer_id = a.customer_id
WHERE a.key = 'name' AND a.starts_at < $as_of AND a.ends_at >= $as_of AND a.value IS NOT NULL
