-- Bills that dunning saves: of the bills whose first payment failed, the share that was paid after all.
-- indicator: dunning.recovery
-- unit: share
-- formula: bills that were paid after their first payment had failed ÷ those, and the bills that are not paid two weeks after
--   it. A bill lies where its first payment failed. Weighed by MRR its good part is recovered MRR, the rest is lost or at risk
-- caveats: Younger failures without success are not decided yet, so the latest two weeks speak of success alone.
-- owner: billing
-- drift_risk: a source whose attempts name neither invoice nor intent: each of its retries is a bill of its own
-- cause: dunning
WITH bill AS (
    SELECT
        bill_id, min(happened_at) FILTER (WHERE NOT good) AS failed_at, max(happened_at) FILTER (WHERE good) AS paid_at,
        arg_min(failure_code, happened_at) FILTER (WHERE NOT good) AS failure_code, any_value(customer_id) AS customer_id,
        max(seq) AS seq
    FROM sli_attempt
    GROUP BY bill_id
)
SELECT
    b.failed_at AS happened_at, CASE WHEN b.paid_at IS NULL THEN coalesce(b.failure_code, 'unknown') END AS label,
    b.customer_id, b.paid_at IS NOT NULL AS good, CAST(NULL AS BIGINT) AS took_us, b.seq
FROM bill AS b, sli_look AS w
WHERE b.failed_at IS NOT NULL AND (b.paid_at IS NULL OR b.paid_at > b.failed_at)
    AND (b.paid_at IS NOT NULL OR b.failed_at <= w.until_at - INTERVAL 14 DAY)
