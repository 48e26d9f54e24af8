-- Events with the MRR that they carry. Grain: event of an indicator. Inputs: sli_happened, ledger.value, sli_look. An event of
-- a customer carries the customer's MRR just before it or now, whichever is more: who left since, and who only came by it,
-- both count. Who never had any carries what a customer is worth on average now. An event of nobody carries nothing.
WITH worth AS (
    SELECT v.customer_id, CAST(sum(v.reporting_micros) AS BIGINT) AS micros
    FROM ledger.value AS v, sli_look AS w
    WHERE v.starts_at < w.until_at AND v.ends_at >= w.until_at
    GROUP BY v.customer_id
    HAVING sum(v.reporting_micros) > 0
),
usual AS (
    SELECT coalesce(CAST(sum(micros) // count(*) AS BIGINT), 0) AS micros FROM worth
),
asked AS (
    SELECT DISTINCT customer_id, happened_at FROM sli_happened WHERE customer_id IS NOT NULL
),
before AS (
    SELECT a.customer_id, a.happened_at, CAST(sum(v.reporting_micros) AS BIGINT) AS micros
    FROM asked AS a
    JOIN ledger.value AS v ON v.customer_id = a.customer_id AND v.starts_at < a.happened_at AND v.ends_at >= a.happened_at
    GROUP BY a.customer_id, a.happened_at
)
SELECT
    h.*,
    CASE
        WHEN h.customer_id IS NULL THEN 0
        ELSE coalesce(nullif(greatest(coalesce(b.micros, 0), coalesce(n.micros, 0)), 0), u.micros)
    END AS carried_micros
FROM sli_happened AS h
CROSS JOIN usual AS u
LEFT JOIN before AS b ON b.customer_id = h.customer_id AND b.happened_at = h.happened_at
LEFT JOIN worth AS n ON n.customer_id = h.customer_id
