-- By what the ledger can be filtered: traits of levels and attributes of customers. Grain: key × value.
-- Inputs: seen_value, ledger.attribute_period. Keys with more than $most values name customers, and are left out
-- as `name` is.
WITH chosen AS (
    SELECT DISTINCT 'plan' AS key, product_id AS value FROM seen_value
    UNION ALL
    SELECT DISTINCT 'currency', currency FROM seen_value
    UNION ALL
    SELECT DISTINCT 'interval', unit FROM seen_value
    UNION ALL
    SELECT DISTINCT key, value FROM ledger.attribute_period WHERE key <> 'name' AND NOT list_contains($traits, key)
)
SELECT key, value
FROM chosen
WHERE value IS NOT NULL
QUALIFY count(*) OVER (PARTITION BY key) <= $most
ORDER BY key, value
