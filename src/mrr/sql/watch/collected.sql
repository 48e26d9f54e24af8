-- Whether what an invoice says was paid was also told as a payment, and the other way round (F1, F2). Grain: invoice or payment.
-- Inputs: invoice, payment. $since, $until: of which instants. One is the other's by customer, currency and amount within a day.
WITH paid AS (
    SELECT
        document_id, min(customer_id) AS customer_id, min(effective_at) AS told_at, min(seq) AS seq, max(paid_micros) AS amount_micros, currency
    FROM invoice
    WHERE status = 'paid' AND NOT credit_note AND paid_micros > 0
        AND effective_at >= $since - INTERVAL 1 DAY AND effective_at < $until + INTERVAL 1 DAY
    GROUP BY document_id, currency
),
taken AS (
    SELECT
        coalesce(of_payment_id, payment_id) AS payment_id, min(customer_id) AS customer_id, min(effective_at) AS told_at, min(seq) AS seq,
        max(amount_micros) AS amount_micros, currency
    FROM payment
    WHERE kind = 'attempt' AND outcome = 'succeeded'
        AND effective_at >= $since - INTERVAL 1 DAY AND effective_at < $until + INTERVAL 1 DAY
    GROUP BY coalesce(of_payment_id, payment_id), currency
),
met AS (
    SELECT DISTINCT p.document_id, t.payment_id
    FROM paid AS p
    JOIN taken AS t ON t.customer_id = p.customer_id AND t.currency = p.currency AND t.amount_micros = p.amount_micros
        AND t.told_at BETWEEN p.told_at - INTERVAL 1 DAY AND p.told_at + INTERVAL 1 DAY
)
SELECT told_at AS due_at, document_id AS subject, customer_id, seq, document_id IN (SELECT document_id FROM met) AS ok
FROM paid
WHERE told_at >= $since AND told_at < $until
UNION ALL
SELECT told_at, payment_id, customer_id, seq, payment_id IN (SELECT payment_id FROM met)
FROM taken
WHERE told_at >= $since AND told_at < $until
