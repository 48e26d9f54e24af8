-- The payments of a customer: attempts, refunds, disputes, each as it was last told. Grain: payment.
-- Inputs: payment, invoice, set_aside, identity. One that names nobody is of its invoice's customer, or of whoever made
-- the payment that it takes back.
WITH own AS (
    SELECT $customer AS customer_id
    UNION
    SELECT customer_id FROM identity WHERE canonical_id = $customer
),
mine AS (
    SELECT payment_id FROM payment WHERE customer_id IN (FROM own)
    UNION
    SELECT payment_id FROM payment WHERE invoice_id IN (SELECT document_id FROM invoice WHERE customer_id IN (FROM own))
)
SELECT p.payment_id, p.kind, p.outcome, p.invoice_id, p.effective_at, p.amount_micros, p.currency, p.failure_code, p.retry, p.seq
FROM payment AS p
ANTI JOIN set_aside AS x ON x.seq = p.seq
WHERE p.effective_at < $as_of AND (p.payment_id IN (FROM mine) OR p.of_payment_id IN (FROM mine))
QUALIFY row_number() OVER (PARTITION BY p.payment_id, p.kind, p.retry ORDER BY p.effective_at DESC, p.digest, p.fact_id) = 1
ORDER BY p.effective_at DESC, p.payment_id
