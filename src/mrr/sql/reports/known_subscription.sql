-- The full ids of a subscription that is named with or without its source. Grain: subscription. Input: subscription_fact.
SELECT DISTINCT subscription_id
FROM subscription_fact
WHERE $1 IN (subscription_id, regexp_replace(subscription_id, '^[^/]*/', ''))
ORDER BY subscription_id
