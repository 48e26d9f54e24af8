-- What is paid a month now, by plan, the largest first. Grain: plan with MRR. Input: ledger.value.
SELECT
    coalesce(product_id, price_id, '') AS plan, CAST(sum(reporting_micros) AS BIGINT) AS amount,
    count(DISTINCT customer_id) AS customers
FROM ledger.value
WHERE starts_at < $at AND ends_at >= $at
GROUP BY ALL
HAVING sum(reporting_micros) > 0
ORDER BY amount DESC, plan
