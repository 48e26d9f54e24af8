-- What each customer of a source comes to at an instant, for a comparison of two sources. Grain: customer.
-- Input: ledger.value.
SELECT
    regexp_replace(customer_id, '^[^/]*/', '') AS name, CAST(sum(reporting_micros) AS BIGINT) AS micros,
    CAST(sum(quantity) AS BIGINT) AS quantity, string_agg(DISTINCT currency, ', ' ORDER BY currency) AS currency,
    string_agg(DISTINCT units || ' ' || unit, ', ' ORDER BY units || ' ' || unit) AS interval
FROM ledger.value
WHERE starts_at <= $at AND ends_at > $at
GROUP BY customer_id
HAVING sum(reporting_micros) <> 0
