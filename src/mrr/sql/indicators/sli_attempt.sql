-- Attempts to take money, each once, as it ended. Grain: payment that succeeded or failed. Inputs: payment, invoice_payment,
-- identity, set_aside, sli_look. Only what was told of since `since_at`, with all that was told of it before. `bill_id` is what
-- the attempts at one bill share: its invoice, else the intent to pay. An intent whose charge speaks for itself is no attempt.
WITH told AS (
    SELECT p.*
    FROM payment AS p
    ANTI JOIN set_aside AS x ON x.seq = p.seq
    WHERE p.kind = 'attempt'
),
recent AS (
    SELECT DISTINCT t.payment_id FROM told AS t, sli_look AS w WHERE t.effective_at >= w.since_at
),
said AS (
    SELECT t.*
    FROM told AS t
    SEMI JOIN recent AS r ON r.payment_id = t.payment_id
    WHERE t.payment_id NOT IN (SELECT o.of_payment_id FROM told AS o WHERE o.of_payment_id IS NOT NULL)
    QUALIFY row_number() OVER (PARTITION BY t.payment_id ORDER BY t.effective_at DESC, t.digest, t.fact_id) = 1
),
ended AS (
    SELECT t.payment_id, t.outcome, min(t.effective_at) AS happened_at, min(t.seq) AS seq
    FROM told AS t
    SEMI JOIN recent AS r ON r.payment_id = t.payment_id
    GROUP BY t.payment_id, t.outcome
),
paying AS (
    SELECT payment_id, min(document_id) AS invoice_id FROM invoice_payment GROUP BY payment_id
)
SELECT
    s.payment_id, coalesce(i.canonical_id, s.customer_id) AS customer_id, e.happened_at, e.seq, s.outcome = 'succeeded' AS good,
    s.failure_code, s.card_expires, split_part(s.payment_id, '/', 1) AS source,
    coalesce(s.invoice_id, p.invoice_id, q.invoice_id, s.of_payment_id, s.payment_id) AS bill_id
FROM said AS s
JOIN ended AS e ON e.payment_id = s.payment_id AND e.outcome = s.outcome
LEFT JOIN identity AS i ON i.customer_id = s.customer_id
LEFT JOIN paying AS p ON p.payment_id = s.payment_id
LEFT JOIN paying AS q ON q.payment_id = s.of_payment_id
WHERE s.outcome IN ('succeeded', 'failed')
