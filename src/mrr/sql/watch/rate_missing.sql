-- Currencies in use of which no exchange rate is known (F4). Grain: currency. Input: pending. $as_of: until when.
SELECT
    substr(reason, 22) AS currency, count(*) AS items, min(starts_at) AS begins_at,
    list(DISTINCT customer_id ORDER BY customer_id) AS customers
FROM ledger.pending
WHERE starts_with(reason, 'no exchange rate for ') AND starts_at < $as_of
GROUP BY substr(reason, 22)
ORDER BY currency
