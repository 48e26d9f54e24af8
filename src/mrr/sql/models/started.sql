-- From when a subscription counts under `starts_at`: its first payment, or its first final invoice. Grain: subscription.
-- Inputs: invoice_standing, invoice_line, payment, set_aside, policy. Empty under `activation`.
-- Only where: invoice_standing.
WITH bill AS (
    SELECT DISTINCT coalesce(l.subscription_id, s.subscription_id, s.customer_id) AS subscription_id, s.document_id, s.final_at, s.paid_at
    FROM invoice_standing AS s
    LEFT JOIN invoice_line AS l ON l.fact_id = s.fact_id
),
paid AS (
    SELECT b.subscription_id, p.effective_at
    FROM bill AS b
    JOIN payment AS p ON p.invoice_id = b.document_id AND p.kind = 'attempt' AND p.outcome = 'succeeded' AND p.amount_micros > 0
    ANTI JOIN set_aside AS x ON x.seq = p.seq
    UNION ALL
    SELECT subscription_id, paid_at FROM bill WHERE paid_at IS NOT NULL
)
SELECT subscription_id, min(effective_at) AS counts_from
FROM paid
JOIN policy AS p ON p.starting = 'first_payment'
GROUP BY subscription_id
UNION ALL
SELECT subscription_id, min(final_at)
FROM bill
JOIN policy AS p ON p.starting = 'finalised'
GROUP BY subscription_id
HAVING min(final_at) IS NOT NULL
