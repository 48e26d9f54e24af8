-- The list of active subscriptions of a close, with what each is worth. Grain: subscription. Input: seen_value.
SELECT subscription_id, CAST(sum(reporting_micros) AS BIGINT) AS mrr_micros
FROM seen_value
WHERE ends_at >= open_end()
GROUP BY subscription_id
