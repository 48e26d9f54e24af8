-- What was taken back of an invoice, as far as the policy lets it lower MRR. Grain: invoice × refund, lost dispute or
-- credit note. Inputs: invoice_standing, payment, invoice_payment, invoice, set_aside, policy. What a payment paid is told by the
-- attempt or by the invoice; where it paid several invoices of a customer, what goes back is shared by their totals.
-- Only where: invoice_standing.
WITH told AS (
    SELECT p.* FROM payment AS p JOIN policy AS q ON q.reads_invoices ANTI JOIN set_aside AS x ON x.seq = p.seq
),
named AS (
    SELECT p.payment_id, p.of_payment_id, s.document_id
    FROM told AS p
    JOIN invoice_standing AS s ON s.document_id = p.invoice_id
    WHERE p.kind = 'attempt'
    UNION
    SELECT a.payment_id, NULL, s.document_id
    FROM invoice_payment AS a
    JOIN invoice_standing AS s ON s.document_id = a.document_id
),
paying AS (
    SELECT payment_id, document_id FROM named
    UNION
    SELECT of_payment_id, document_id FROM named WHERE of_payment_id IS NOT NULL
    UNION
    SELECT p.payment_id, n.document_id
    FROM told AS p
    JOIN named AS n ON n.payment_id = p.of_payment_id
    WHERE p.kind = 'attempt'
),
returned AS (
    SELECT
        p.*, CASE p.kind WHEN 'refund' THEN 'succeeded' ELSE 'lost' END AS final,
        row_number() OVER (PARTITION BY p.payment_id ORDER BY p.effective_at DESC, p.digest, p.fact_id) AS choice,
        min(CASE WHEN p.outcome = CASE p.kind WHEN 'refund' THEN 'succeeded' ELSE 'lost' END THEN p.effective_at END)
            OVER (PARTITION BY p.payment_id) AS final_at
    FROM told AS p
    SEMI JOIN paying AS q ON q.payment_id = p.of_payment_id
    WHERE p.kind IN ('refund', 'dispute')
),
money AS (
    SELECT
        s.document_id, r.kind AS cause, r.payment_id AS by_id, r.fact_id, r.final_at AS starts_at, r.amount_micros AS num,
        CAST(sum(s.total_micros) OVER (PARTITION BY r.payment_id, s.customer_id) AS BIGINT) AS den
    FROM returned AS r
    JOIN paying AS q ON q.payment_id = r.of_payment_id
    JOIN invoice_standing AS s ON s.document_id = q.document_id AND s.currency = r.currency AND s.total_micros > 0
    WHERE r.choice = 1 AND r.outcome = r.final
),
note AS (
    SELECT
        i.*, row_number() OVER (PARTITION BY i.document_id ORDER BY i.effective_at DESC, i.digest, i.fact_id) AS choice,
        min(coalesce(i.finalised_at, i.effective_at)) OVER (PARTITION BY i.document_id) AS starts_at, s.total_micros AS den
    FROM invoice AS i
    JOIN invoice_standing AS s ON s.document_id = i.invoice_id AND s.currency = i.currency AND s.total_micros > 0
    ANTI JOIN set_aside AS x ON x.seq = i.seq
    WHERE i.credit_note
),
credit AS (
    SELECT * FROM money
    UNION ALL
    SELECT invoice_id, 'credit_note', document_id, fact_id, starts_at, -total_micros, den
    FROM note
    WHERE choice = 1 AND status NOT IN ('void', 'deleted', 'draft') AND total_micros < 0
)
SELECT
    c.document_id, c.cause, c.by_id, c.fact_id, c.num, c.den,
    CASE CASE c.cause WHEN 'refund' THEN p.refund WHEN 'dispute' THEN p.dispute ELSE p.credit_note END
        WHEN 'reduce_from_date' THEN c.starts_at ELSE TIMESTAMP '1970-01-01' END AS starts_at
FROM credit AS c
CROSS JOIN policy AS p
WHERE CASE c.cause WHEN 'refund' THEN p.refund WHEN 'dispute' THEN p.dispute ELSE p.credit_note END <> 'ignore'
