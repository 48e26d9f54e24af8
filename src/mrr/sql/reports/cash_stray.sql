-- Charges that no subscription of the book explains. Grain: charge. Inputs: cash_charge, last_document, invoice_line,
-- subscription_fact, ledger.level. An invoice for a thing sold once needs no subscription.
WITH billed AS (
    SELECT
        d.document_id, bool_or(coalesce(l.subscription_id, d.subscription_id) IS NOT NULL) AS by_subscription,
        bool_or(f.subscription_id IS NOT NULL) AS known, bool_or(coalesce(l.recurring, FALSE)) AS recurring
    FROM last_document AS d
    LEFT JOIN invoice_line AS l ON l.fact_id = d.fact_id
    LEFT JOIN (SELECT DISTINCT subscription_id FROM subscription_fact) AS f
        ON f.subscription_id = coalesce(l.subscription_id, d.subscription_id)
    GROUP BY d.document_id
)
SELECT
    c.payment_id, c.customer_id, c.seq, c.currency, c.charged_at, c.invoice_id, c.kept_micros,
    CASE
        WHEN b.by_subscription THEN 'unknown subscription'
        WHEN c.invoice_id IS NOT NULL AND b.document_id IS NULL THEN 'unknown invoice'
        WHEN v.customer_id IS NULL THEN 'no subscription'
        ELSE 'no invoice'
    END AS cause
FROM cash_charge AS c
LEFT JOIN billed AS b ON b.document_id = c.invoice_id
LEFT JOIN (
    SELECT DISTINCT c.payment_id, l.customer_id
    FROM cash_charge AS c
    JOIN ledger.level AS l ON l.customer_id = c.customer_id AND l.starts_at <= c.charged_at + INTERVAL 1 DAY
        AND l.ends_at > c.charged_at - INTERVAL 1 DAY
) AS v ON v.payment_id = c.payment_id
WHERE c.charged_at >= $first AND c.charged_at <= $at AND c.kept_micros > 0
    AND CASE WHEN b.by_subscription THEN NOT b.known WHEN b.document_id IS NOT NULL THEN b.recurring ELSE TRUE END
