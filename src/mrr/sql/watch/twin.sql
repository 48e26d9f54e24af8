-- Whether something new stands alone (F2): a subscription beside another of the same customer for the same thing, an invoice
-- beside another for the same subscription, thing and time, a charge beside another of the same amount. Grain: subscription, invoice or charge.
-- Inputs: subscription_fact, subscription_item, invoice, invoice_line, payment. $since, $until: of which; $minutes: how close.
WITH begun AS (
    SELECT f.subscription_id, min(f.customer_id) AS customer_id, min(f.effective_at) AS told_at, min(f.seq) AS seq
    FROM subscription_fact AS f
    WHERE f.change = 'created' AND f.effective_at >= $since AND f.effective_at < $until
    GROUP BY f.subscription_id
),
sold AS (
    SELECT
        b.subscription_id AS subject, b.customer_id, b.told_at, b.seq, string_agg(DISTINCT i.price_id, ',' ORDER BY i.price_id) AS what
    FROM begun AS b
    JOIN subscription_item AS i ON i.fact_id // 4096 = b.seq
    GROUP BY b.subscription_id, b.customer_id, b.told_at, b.seq
),
billed AS (
    SELECT
        v.document_id AS subject, min(v.customer_id) AS customer_id, min(v.effective_at) AS told_at, min(v.seq) AS seq,
        concat_ws('|', l.subscription_id, l.price_id, l.item_id, l.starts_at, l.ends_at) AS what
    FROM invoice AS v
    JOIN invoice_line AS l ON l.fact_id = v.fact_id
    WHERE NOT v.credit_note AND NOT l.proration AND l.ends_at > l.starts_at AND l.subscription_id IS NOT NULL
        AND v.effective_at >= $since AND v.effective_at < $until
    GROUP BY v.document_id, l.subscription_id, l.price_id, l.item_id, l.starts_at, l.ends_at
    HAVING NOT bool_or(v.status IN ('void', 'deleted'))
),
charged AS (
    SELECT
        coalesce(of_payment_id, payment_id) AS subject, min(customer_id) AS customer_id, min(effective_at) AS told_at, min(seq) AS seq,
        concat_ws('|', max(amount_micros), currency) AS what
    FROM payment
    WHERE kind = 'attempt' AND outcome = 'succeeded' AND effective_at >= $since AND effective_at < $until
    GROUP BY coalesce(of_payment_id, payment_id), currency
),
thing AS (
    SELECT 'subscription' AS kind, * FROM sold
    UNION ALL SELECT 'invoice', * FROM billed
    UNION ALL SELECT 'charge', * FROM charged
)
SELECT
    told_at AS due_at, subject, customer_id, seq, coalesce(
        lag(told_at) OVER (PARTITION BY kind, customer_id, what ORDER BY told_at, seq) < told_at - to_minutes($minutes), TRUE
    ) AS ok
FROM thing
