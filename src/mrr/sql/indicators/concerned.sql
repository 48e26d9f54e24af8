-- Whom some entries of the journal concern. Grain: kind × id, at most twenty of a kind. Inputs: the tables of facts.
WITH named AS (
    SELECT 'event_ids' AS kind, key AS name FROM outcome WHERE seq BETWEEN $first AND $last
    UNION
    SELECT 'customer_ids', customer_id FROM subscription_fact WHERE seq BETWEEN $first AND $last
    UNION
    SELECT 'customer_ids', customer_id FROM attribute WHERE seq BETWEEN $first AND $last
    UNION
    SELECT 'customer_ids', customer_id FROM invoice WHERE seq BETWEEN $first AND $last
    UNION
    SELECT 'customer_ids', customer_id FROM payment WHERE seq BETWEEN $first AND $last
    UNION
    SELECT 'customer_ids', customer_id FROM checkout WHERE seq BETWEEN $first AND $last
    UNION
    SELECT 'plan_ids', product_id FROM subscription_item WHERE fact_id BETWEEN $first * 4096 AND $last * 4096 + 4095
)
SELECT kind, name
FROM named
WHERE name IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY kind ORDER BY name) <= 20
ORDER BY kind, name
