-- Subscriptions that count and whose money for the day has not come. Grain: subscription. Inputs: ledger.value,
-- last_document, invoice_line, cash_charge, payment. Of the invoices for the day the one that was paid speaks, else the
-- latest; what is not two days old has time yet. Only sources whose payments are known are asked after.
WITH counted AS (
    SELECT
        customer_id, subscription_id, CAST(sum(reporting_micros) AS BIGINT) AS ours_micros, max(starts_at) AS changed_at
    FROM ledger.value
    WHERE starts_at <= $at AND ends_at > $at
        AND split_part(subscription_id, '/', 1) IN (SELECT split_part(payment_id, '/', 1) FROM cash_charge)
    GROUP BY customer_id, subscription_id
    HAVING sum(reporting_micros) > 0
),
covering AS (
    SELECT DISTINCT
        coalesce(l.subscription_id, d.subscription_id) AS subscription_id, d.document_id, d.status, d.total_micros,
        d.paid_micros, d.effective_at
    FROM last_document AS d
    JOIN invoice_line AS l ON l.fact_id = d.fact_id
    WHERE l.starts_at <= $at AND l.ends_at > $at
),
billed AS (
    SELECT coalesce(l.subscription_id, d.subscription_id) AS subscription_id, max(l.ends_at) AS until_at
    FROM last_document AS d
    JOIN invoice_line AS l ON l.fact_id = d.fact_id
    WHERE l.ends_at <= $at
    GROUP BY 1
),
taken AS (
    SELECT
        invoice_id, CAST(sum(kept_micros) AS BIGINT) AS kept_micros, max(how) AS how
    FROM cash_charge
    WHERE invoice_id IS NOT NULL
    GROUP BY invoice_id
),
tried AS (
    SELECT invoice_id, max_by(coalesce(failure_code, 'failed'), effective_at) AS failure_code
    FROM payment
    WHERE kind = 'attempt' AND outcome = 'failed' AND invoice_id IS NOT NULL
    GROUP BY invoice_id
),
judged AS (
    SELECT
        c.*, v.document_id, v.effective_at, f.failure_code,
        CASE
            WHEN v.document_id IS NULL AND greatest(c.changed_at, b.until_at) > $at - INTERVAL 2 DAY THEN NULL
            WHEN v.document_id IS NULL THEN 'uninvoiced'
            WHEN v.status IN ('void', 'deleted') THEN 'void'
            WHEN v.status IN ('draft', 'open') AND v.effective_at > $at - INTERVAL 2 DAY AND f.invoice_id IS NULL THEN NULL
            WHEN v.status = 'draft' THEN 'draft'
            WHEN v.total_micros <= 0 OR t.kept_micros > 0 THEN NULL
            WHEN t.invoice_id IS NOT NULL THEN t.how
            WHEN v.status = 'paid' AND v.paid_micros = 0 THEN NULL
            WHEN v.status = 'paid' THEN 'paid elsewhere'
            WHEN f.invoice_id IS NOT NULL THEN 'failed'
            ELSE 'unpaid'
        END AS cause
    FROM counted AS c
    LEFT JOIN covering AS v ON v.subscription_id = c.subscription_id
    LEFT JOIN billed AS b ON b.subscription_id = c.subscription_id
    LEFT JOIN taken AS t ON t.invoice_id = v.document_id
    LEFT JOIN tried AS f ON f.invoice_id = v.document_id
)
SELECT *
FROM judged
QUALIFY row_number() OVER (PARTITION BY subscription_id ORDER BY cause IS NOT NULL, effective_at DESC, document_id) = 1
    AND cause IS NOT NULL
