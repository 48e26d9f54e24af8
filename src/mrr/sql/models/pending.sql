-- Levels that cannot be reckoned yet, and why: never 0, never dropped. Grain: item × reason. Inputs: piece, level, value.
SELECT
    customer_id, subscription_id, item_id, min(starts_at) AS starts_at,
    'its price or discount is not in the catalogue' AS reason
FROM piece
WHERE pending AND customer_id IN (SELECT customer_id FROM scope_customer)
GROUP BY customer_id, subscription_id, item_id
UNION ALL
SELECT l.customer_id, l.subscription_id, l.item_id, min(l.starts_at), 'no exchange rate for ' || l.currency
FROM level AS l
CROSS JOIN horizon AS z
LEFT JOIN (
    SELECT subscription_id, item_id, min(starts_at) AS starts_at FROM value GROUP BY subscription_id, item_id
) AS v ON v.subscription_id = l.subscription_id AND v.item_id = l.item_id
WHERE l.starts_at < z.turns_at AND (v.starts_at IS NULL OR l.starts_at < v.starts_at)
GROUP BY l.customer_id, l.subscription_id, l.item_id, l.currency
