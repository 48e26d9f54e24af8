-- Money that was collected, less what went back, each charge once. Grain: charge that succeeded.
-- Inputs: payment, invoice_payment, last_document, identity. An intent to pay whose charge speaks for itself is no charge.
-- A charge that names no invoice, nor any invoice it, is taken for the one of its customer, amount and day.
WITH said AS (
    SELECT *
    FROM payment
    QUALIFY row_number() OVER (PARTITION BY payment_id ORDER BY effective_at DESC, digest, fact_id) = 1
),
began AS (
    SELECT payment_id, min(effective_at) AS charged_at FROM payment WHERE outcome = 'succeeded' GROUP BY payment_id
),
paying AS (
    SELECT payment_id, min(document_id) AS invoice_id FROM invoice_payment GROUP BY payment_id
),
returned AS (
    SELECT
        of_payment_id, CAST(sum(amount_micros) AS BIGINT) AS returned_micros,
        string_agg(DISTINCT kind ORDER BY kind) AS how
    FROM said
    WHERE (kind = 'refund' AND outcome = 'succeeded') OR (kind = 'dispute' AND outcome = 'lost')
    GROUP BY of_payment_id
),
charge AS (
    SELECT
        s.payment_id, s.seq, s.customer_id, b.charged_at, s.amount_micros, s.currency, s.of_payment_id,
        coalesce(s.invoice_id, p.invoice_id, q.invoice_id) AS invoice_id,
        coalesce(r.returned_micros, 0) + coalesce(t.returned_micros, 0) AS returned_micros, coalesce(r.how, t.how) AS how
    FROM said AS s
    JOIN began AS b ON b.payment_id = s.payment_id
    LEFT JOIN paying AS p ON p.payment_id = s.payment_id
    LEFT JOIN paying AS q ON q.payment_id = s.of_payment_id
    LEFT JOIN returned AS r ON r.of_payment_id = s.payment_id
    LEFT JOIN returned AS t ON t.of_payment_id = s.of_payment_id
    WHERE s.kind = 'attempt' AND s.outcome = 'succeeded'
        AND s.payment_id NOT IN (SELECT of_payment_id FROM said WHERE kind = 'attempt' AND of_payment_id IS NOT NULL)
),
owned AS (
    SELECT
        c.* EXCLUDE (customer_id), coalesce(i.canonical_id, c.customer_id, j.canonical_id, d.customer_id) AS customer_id
    FROM charge AS c
    LEFT JOIN last_document AS d ON d.document_id = c.invoice_id
    LEFT JOIN identity AS i ON i.customer_id = c.customer_id
    LEFT JOIN identity AS j ON j.customer_id = d.customer_id
),
near AS (
    SELECT
        c.payment_id, d.document_id,
        abs(date_diff('second', d.paid_at, c.charged_at)) AS distance
    FROM owned AS c
    JOIN last_document AS d ON d.currency = c.currency AND d.paid_micros = c.amount_micros
        AND d.paid_at BETWEEN c.charged_at - INTERVAL 1 DAY AND c.charged_at + INTERVAL 1 DAY
    LEFT JOIN identity AS i ON i.customer_id = d.customer_id
    WHERE c.invoice_id IS NULL AND coalesce(i.canonical_id, d.customer_id) = c.customer_id
        AND d.document_id NOT IN (SELECT o.invoice_id FROM owned AS o WHERE o.invoice_id IS NOT NULL)
),
matched AS (
    SELECT payment_id, document_id
    FROM near
    QUALIFY row_number() OVER (PARTITION BY payment_id ORDER BY distance, document_id) = 1
        AND row_number() OVER (PARTITION BY document_id ORDER BY distance, payment_id) = 1
)
SELECT
    o.* EXCLUDE (invoice_id), coalesce(o.invoice_id, m.document_id) AS invoice_id,
    greatest(o.amount_micros - o.returned_micros, 0) AS kept_micros
FROM owned AS o
LEFT JOIN matched AS m ON m.payment_id = o.payment_id
