-- Whether an invoice went through the stages before the one it is told in: a draft before it was final, final before it
-- was paid (F1). Grain: invoice × stage. Input: invoice. $since, $until: of which instants.
WITH seen AS (
    SELECT
        document_id, min(customer_id) AS customer_id, min(CASE WHEN status = 'open' THEN effective_at END) AS open_at,
        min(CASE WHEN status = 'paid' THEN effective_at END) AS paid_at, bool_or(status = 'draft') AS was_draft,
        min(CASE WHEN status = 'open' THEN seq END) AS open_seq, min(CASE WHEN status = 'paid' THEN seq END) AS paid_seq
    FROM invoice
    WHERE NOT credit_note AND effective_at >= $since - INTERVAL 40 DAY AND effective_at < $until
    GROUP BY document_id
)
SELECT open_at AS due_at, document_id AS subject, customer_id, open_seq AS seq, was_draft AS ok
FROM seen
WHERE open_at >= $since AND open_at < $until
UNION ALL
SELECT paid_at, document_id, customer_id, paid_seq, open_at IS NOT NULL
FROM seen
WHERE paid_at >= $since AND paid_at < $until
