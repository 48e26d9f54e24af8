-- Subscriptions that count in the book and are not in a provider's list, although that is complete. Grain: subscription.
-- Inputs: told_subscription_fact, book_value (values at the instant). `$source` is who was asked.
SELECT
    v.customer_id, v.subscription_id, CAST(sum(v.reporting_micros) AS BIGINT) AS ours_micros
FROM book_value AS v
ANTI JOIN told_subscription_fact AS t ON t.subscription_id = v.subscription_id
WHERE starts_with(v.subscription_id, $source || '/')
GROUP BY v.customer_id, v.subscription_id
ORDER BY v.subscription_id
