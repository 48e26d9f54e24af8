-- Charges for what was paid already. Grain: charge. Inputs: cash_charge, last_document, invoice_line.
-- An invoice collected more than once is overpaid beyond its total. The same amount of the same customer within minutes
-- is a second charge where it is for no invoice of its own, or for one that bills the same subscription and time again.
WITH paid AS (
    SELECT
        c.*, d.total_micros,
        CAST(sum(c.kept_micros) OVER bill AS BIGINT) AS so_far_micros, count(*) OVER bill AS place
    FROM cash_charge AS c
    LEFT JOIN last_document AS d ON d.document_id = c.invoice_id AND d.currency = c.currency
    WHERE c.kept_micros > 0
    WINDOW bill AS (PARTITION BY c.invoice_id, c.currency ORDER BY c.charged_at, c.payment_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
billed AS (
    SELECT DISTINCT
        d.document_id, coalesce(l.subscription_id, d.subscription_id) AS subscription_id, l.starts_at, l.ends_at
    FROM last_document AS d
    JOIN invoice_line AS l ON l.fact_id = d.fact_id
    WHERE NOT l.proration AND l.ends_at > l.starts_at
),
same AS (
    SELECT a.document_id, b.document_id AS other_id
    FROM billed AS a
    JOIN billed AS b ON b.subscription_id = a.subscription_id AND b.document_id <> a.document_id
        AND b.starts_at < a.ends_at AND b.ends_at > a.starts_at
    GROUP BY a.document_id, b.document_id
),
overpaid AS (
    SELECT
        payment_id, customer_id, seq, currency, charged_at, invoice_id, NULL AS of_payment_id,
        least(kept_micros, so_far_micros - total_micros) AS excess_micros
    FROM paid
    WHERE invoice_id IS NOT NULL AND place > 1 AND so_far_micros > total_micros
),
again AS (
    SELECT
        b.payment_id, b.customer_id, b.seq, b.currency, b.charged_at, b.invoice_id, max(a.payment_id) AS of_payment_id,
        b.kept_micros AS excess_micros
    FROM paid AS a
    JOIN paid AS b ON b.customer_id = a.customer_id AND b.currency = a.currency
        AND b.amount_micros = a.amount_micros AND b.payment_id <> a.payment_id
        AND b.charged_at BETWEEN a.charged_at AND a.charged_at + to_minutes($minutes)
        AND (b.charged_at > a.charged_at OR b.payment_id > a.payment_id)
    LEFT JOIN same AS s ON s.document_id = a.invoice_id AND s.other_id = b.invoice_id
    WHERE b.invoice_id IS NULL OR s.document_id IS NOT NULL
    GROUP BY b.payment_id, b.customer_id, b.seq, b.currency, b.charged_at, b.invoice_id, b.kept_micros
)
SELECT * FROM overpaid WHERE charged_at >= $first AND charged_at <= $at
UNION ALL
SELECT * FROM again WHERE charged_at >= $first AND charged_at <= $at AND payment_id NOT IN (SELECT payment_id FROM overpaid)
