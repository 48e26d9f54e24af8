-- Whether something was told of a subscription after its billing period or trial ended: a renewal, a conversion or an
-- end must follow (F1). Grain: subscription × end of a period. Input: subscription_fact. $since, $until: of which ends.
WITH due AS (
    SELECT DISTINCT shelf, subscription_id
    FROM subscription_fact
    WHERE period_ends_at >= $since AND period_ends_at < $until
),
told AS (
    SELECT f.*, lead(f.effective_at) OVER (PARTITION BY f.subscription_id ORDER BY f.effective_at, f.ordinal) AS next_at
    FROM subscription_fact AS f
    SEMI JOIN due AS d ON d.shelf = f.shelf AND d.subscription_id = f.subscription_id
    WHERE f.stands
)
SELECT period_ends_at AS due_at, subscription_id AS subject, customer_id, seq, next_at IS NOT NULL AS ok
FROM told
WHERE period_ends_at >= $since AND period_ends_at < $until AND status IN ('active', 'trialing', 'past_due')
    AND ended_at IS NULL AND NOT paused AND (next_at IS NULL OR next_at >= period_ends_at) AND effective_at < period_ends_at
