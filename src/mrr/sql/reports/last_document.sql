-- The invoices that stand or stood, each as it was last told, with the instant since which it is paid. Grain: invoice.
-- Input: invoice. Of snapshots of one instant the later stage is the last, then the lowest digest.
WITH staged AS (
    SELECT
        *, CASE status WHEN 'draft' THEN 0 WHEN 'open' THEN 1 WHEN 'uncollectible' THEN 2 WHEN 'paid' THEN 3 ELSE 4 END AS stage
    FROM invoice
    WHERE NOT credit_note
)
SELECT
    * EXCLUDE (stage), min(CASE WHEN status = 'paid' THEN effective_at END) OVER (PARTITION BY document_id) AS paid_at
FROM staged
QUALIFY row_number() OVER (PARTITION BY document_id ORDER BY effective_at DESC, stage DESC, digest, fact_id) = 1
