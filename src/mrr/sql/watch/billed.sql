-- Whether an invoice bills the period into which a subscription went (F1). Grain: subscription × period.
-- Inputs: subscription_fact, invoice_line. $since, $until: of which beginnings.
WITH rolled AS (
    SELECT subscription_id, period_starts_at, min(customer_id) AS customer_id, min(seq) AS seq
    FROM subscription_fact
    WHERE stands AND status IN ('active', 'past_due') AND NOT paused
        AND period_starts_at >= $since AND period_starts_at < $until
    GROUP BY subscription_id, period_starts_at
),
line AS (
    SELECT DISTINCT subscription_id, starts_at
    FROM invoice_line
    WHERE starts_at >= $since AND starts_at < $until AND NOT proration
)
SELECT
    r.period_starts_at AS due_at, r.subscription_id AS subject, r.customer_id, r.seq, l.subscription_id IS NOT NULL AS ok
FROM rolled AS r
LEFT JOIN line AS l ON l.subscription_id = r.subscription_id AND l.starts_at = r.period_starts_at
