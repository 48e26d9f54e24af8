-- Customers who are out for their whole life (A43). Grain: customer. Inputs: attribute_period, exclusion, edit, set_aside,
-- identity, scope_customer. A filter matches where all its attributes have their values at one instant, whenever that was.
-- What a person said goes before what attributes say: of all edits of a customer, merged ones too, the last counts.
-- Only where: attribute_period or SELECT 1 FROM edit.
WITH met AS (
    SELECT e.filter_no, e.keys, a.customer_id, e.key, a.starts_at, a.ends_at
    FROM exclusion AS e
    JOIN attribute_period AS a ON a.key = e.key AND a.value = e.value
),
matched AS (
    SELECT DISTINCT m.customer_id
    FROM met AS m
    JOIN met AS o
        ON o.filter_no = m.filter_no AND o.customer_id = m.customer_id
        AND o.starts_at <= m.starts_at AND o.ends_at > m.starts_at
    GROUP BY m.customer_id, m.filter_no, m.key, m.starts_at, m.keys
    HAVING count(DISTINCT o.key) = m.keys
),
said AS (
    SELECT coalesce(i.canonical_id, e.of_id) AS customer_id, arg_max(e.verb, e.seq) AS verb
    FROM edit AS e
    ANTI JOIN set_aside AS x ON x.seq = e.seq
    LEFT JOIN identity AS i ON i.customer_id = e.of_id
    WHERE e.verb IN ('exclude', 'include')
    GROUP BY 1
)
SELECT m.customer_id
FROM matched AS m
ANTI JOIN said AS s ON s.customer_id = m.customer_id
UNION
SELECT s.customer_id
FROM said AS s
SEMI JOIN scope_customer AS c ON c.customer_id = s.customer_id
WHERE s.verb = 'exclude'
