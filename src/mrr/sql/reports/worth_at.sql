-- What each customer is worth at the last moment before an instant, in the reporting currency and in its own.
-- Grain: customer × currency. Input: ledger.value.
SELECT
    customer_id, currency, CAST(sum(reporting_micros) AS BIGINT) AS reporting_micros,
    CAST(sum(local_micros) AS BIGINT) AS local_micros
FROM ledger.value
WHERE starts_at < $as_of AND ends_at >= $as_of
GROUP BY customer_id, currency
