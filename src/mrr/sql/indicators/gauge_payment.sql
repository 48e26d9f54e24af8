-- How often money was asked for, by what became of it: counts that only grow. Grain: source × outcome × reason. Input: payment.
WITH told AS (
    SELECT
        payment_id, arg_max(outcome, (effective_at, fact_id)) AS outcome,
        arg_max(failure_code, (effective_at, fact_id)) AS failure_code
    FROM payment
    WHERE kind = 'attempt' AND outcome IN ('succeeded', 'failed')
        AND payment_id NOT IN (
            SELECT of_payment_id FROM payment WHERE kind = 'attempt' AND of_payment_id IS NOT NULL
        )
    GROUP BY payment_id
)
SELECT
    split_part(payment_id, '/', 1) AS source, outcome,
    CASE WHEN outcome = 'failed' THEN coalesce(failure_code, 'unknown') ELSE '' END AS reason, count(*) AS amount
FROM told
GROUP BY ALL
ORDER BY amount DESC, source, outcome, reason
