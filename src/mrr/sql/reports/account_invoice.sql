-- The invoices and credit notes of a customer, each as it was last told. Grain: document.
-- Inputs: invoice, invoice_line, set_aside, identity. Of snapshots of one instant the later stage stands.
WITH told AS (
    SELECT
        i.*, row_number() OVER (
            PARTITION BY i.document_id
            ORDER BY i.effective_at DESC,
                CASE i.status WHEN 'draft' THEN 0 WHEN 'open' THEN 1 WHEN 'uncollectible' THEN 2 WHEN 'paid' THEN 3 ELSE 4 END DESC,
                i.digest, i.fact_id) AS choice,
        min(i.effective_at) OVER (PARTITION BY i.document_id) AS first_at
    FROM invoice AS i
    ANTI JOIN set_aside AS x ON x.seq = i.seq
    WHERE i.effective_at < $as_of
        AND (i.customer_id = $customer OR i.customer_id IN (SELECT customer_id FROM identity WHERE canonical_id = $customer))
)
SELECT
    t.document_id, t.invoice_id, t.credit_note, t.status, t.currency, t.total_micros, t.paid_micros, t.reason, t.seq,
    coalesce(t.finalised_at, t.first_at) AS dated_at, min(l.starts_at) AS starts_at, max(l.ends_at) AS ends_at
FROM told AS t
LEFT JOIN invoice_line AS l ON l.fact_id = t.fact_id
WHERE t.choice = 1
GROUP BY ALL
ORDER BY dated_at DESC, t.document_id
