-- Customers who are out for their whole life (A43). Grain: customer. Inputs: attribute_period, exclusion.
-- A filter matches where all its attributes have their values at one instant, whenever that was.
-- Only where: attribute_period.
WITH met AS (
    SELECT e.filter_no, e.keys, a.customer_id, e.key, a.starts_at, a.ends_at
    FROM exclusion AS e
    JOIN attribute_period AS a ON a.key = e.key AND a.value = e.value
)
SELECT DISTINCT m.customer_id
FROM met AS m
JOIN met AS o
    ON o.filter_no = m.filter_no AND o.customer_id = m.customer_id
    AND o.starts_at <= m.starts_at AND o.ends_at > m.starts_at
GROUP BY m.customer_id, m.filter_no, m.key, m.starts_at, m.keys
HAVING count(DISTINCT o.key) = m.keys
