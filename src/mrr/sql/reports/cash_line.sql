-- What came into a balance or left it other than to the bank. Grain: line. Inputs: cash_line_told, cash_payout,
-- cash_charge, payment, identity. A payment of which no line tells counts in full: its fee is not known.
-- A payout moves nothing here but its fee. `held` lines name a payout that was sent: that one alone is asked for them.
WITH back AS (
    SELECT *
    FROM payment
    WHERE kind IN ('refund', 'dispute')
    QUALIFY row_number() OVER (PARTITION BY payment_id ORDER BY effective_at DESC, digest, fact_id) = 1
),
told AS (
    SELECT
        l.line_id, coalesce(l.of_id, l.line_id) AS subject_id, l.seq, c.customer_id, l.currency, l.happened_at,
        coalesce(l.available_at, l.happened_at) AS available_at, l.kind,
        CASE l.kind WHEN 'payout' THEN 0 ELSE l.amount_micros END AS gross_micros, l.fee_micros, TRUE AS told,
        p.payout_id IS NOT NULL AS held
    FROM cash_line_told AS l
    LEFT JOIN cash_charge AS c ON c.payment_id = l.of_id
    LEFT JOIN cash_payout AS p
        ON p.payout_id = l.payout_id AND p.currency = l.currency AND p.outcome IN ('paid', 'pending') AND l.kind <> 'payout'
),
untold AS (
    SELECT payment_id, seq, customer_id, currency, charged_at AS happened_at, 'charge' AS kind, amount_micros
    FROM cash_charge
    UNION ALL
    SELECT payment_id, seq, customer_id, currency, effective_at, kind, -amount_micros
    FROM back
    WHERE (kind = 'refund' AND outcome = 'succeeded') OR (kind = 'dispute' AND outcome = 'lost')
)
SELECT split_part(line_id, '/', 1) AS source, *, gross_micros - fee_micros AS net_micros
FROM told
UNION ALL
SELECT split_part(payment_id, '/', 1), payment_id, payment_id, seq, customer_id, currency, happened_at, happened_at, kind,
    amount_micros, 0, FALSE, FALSE, amount_micros
FROM untold
WHERE payment_id NOT IN (SELECT subject_id FROM told)
