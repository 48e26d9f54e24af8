-- Whether an entry came soon after what it tells (F5). Grain: entry that tells of an instant. Inputs: outcome, subscription_fact,
-- invoice, payment, checkout. $since, $until: recorded when; $minutes: how soon.
WITH dated AS (
    SELECT seq, effective_at, subscription_id AS subject, customer_id FROM subscription_fact WHERE "precision" = 'exact'
    UNION ALL SELECT seq, effective_at, document_id, customer_id FROM invoice
    UNION ALL SELECT seq, effective_at, payment_id, customer_id FROM payment
    UNION ALL SELECT seq, effective_at, checkout_id, customer_id FROM checkout
),
entry AS (
    SELECT o.seq, o.recorded_at, max(d.effective_at) AS told_at, min(d.subject) AS subject, min(d.customer_id) AS customer_id
    FROM outcome AS o
    JOIN dated AS d ON d.seq = o.seq
    WHERE o.recorded_at >= $since AND o.recorded_at < $until
    GROUP BY o.seq, o.recorded_at
)
SELECT recorded_at AS due_at, subject, customer_id, seq, recorded_at <= told_at + to_minutes($minutes) AS ok FROM entry
