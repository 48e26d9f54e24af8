-- Whether a draft was made final, and a final invoice paid, or a payment of it failed, within hours (F1). Grain: invoice × stage.
-- Inputs: invoice, payment. $since, $until: of which instants; $stays: how many hours each may take.
WITH stage AS (
    SELECT
        document_id, min(customer_id) AS customer_id, arg_max(total_micros, effective_at) AS total_micros,
        min(CASE WHEN status = 'draft' THEN effective_at END) AS draft_at, min(CASE WHEN status = 'draft' THEN seq END) AS draft_seq,
        min(CASE WHEN status = 'open' THEN effective_at END) AS open_at, min(CASE WHEN status = 'open' THEN seq END) AS open_seq,
        min(CASE WHEN status NOT IN ('draft', 'open') THEN effective_at END) AS over_at
    FROM invoice
    WHERE NOT credit_note AND effective_at >= $since - INTERVAL 1 DAY
    GROUP BY document_id
),
failed AS (
    SELECT DISTINCT customer_id, effective_at FROM payment WHERE outcome = 'failed' AND effective_at >= $since
),
tried AS (
    SELECT DISTINCT s.document_id
    FROM stage AS s
    JOIN failed AS f ON f.customer_id = s.customer_id AND f.effective_at >= s.open_at
)
SELECT
    draft_at + to_hours($stays) AS due_at, document_id AS subject, customer_id, draft_seq AS seq,
    open_at IS NOT NULL OR over_at IS NOT NULL AS ok
FROM stage
WHERE draft_at + to_hours($stays) >= $since AND draft_at + to_hours($stays) < $until
UNION ALL
SELECT s.open_at + to_hours($stays), s.document_id, s.customer_id, s.open_seq, s.over_at IS NOT NULL OR t.document_id IS NOT NULL
FROM stage AS s
LEFT JOIN tried AS t ON t.document_id = s.document_id
WHERE s.total_micros > 0 AND s.open_at + to_hours($stays) >= $since AND s.open_at + to_hours($stays) < $until
