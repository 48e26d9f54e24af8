-- What each subscription of a customer who differs is worth at the end of what a bridge shows. Grain: customer × subscription.
-- Inputs: seen_value, $scope. Two sources of one book are compared by the id that both give a subscription.
SELECT
    CAST($number AS INTEGER) AS ledger_no, v.customer_id, regexp_replace(v.subscription_id, '^[^/]*/', '') AS subscription_id,
    CAST(sum(v.reporting_micros) AS BIGINT) AS amount_micros
FROM seen_value AS v
SEMI JOIN $scope AS s ON s.customer_id = v.customer_id
WHERE v.starts_at < $closes_at AND v.ends_at >= $closes_at
GROUP BY v.customer_id, regexp_replace(v.subscription_id, '^[^/]*/', '')
