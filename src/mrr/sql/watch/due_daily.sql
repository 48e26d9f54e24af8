-- What contracts let one expect of each day, before it begins: trials that end, periods that end by their length, subscriptions that
-- are going to end. Grain: kind × day (UTC). Input: subscription_fact, of which the last fact before the day speaks. $first, $last: half-open.
WITH due AS (
    SELECT DISTINCT shelf, subscription_id
    FROM subscription_fact
    WHERE (period_ends_at >= CAST($first AS TIMESTAMP) AND period_ends_at < CAST($last AS TIMESTAMP))
        OR (cancel_at >= CAST($first AS TIMESTAMP) AND cancel_at < CAST($last AS TIMESTAMP))
),
told AS (
    SELECT f.*, lead(f.effective_at) OVER (PARTITION BY f.subscription_id ORDER BY f.effective_at, f.ordinal) AS next_at
    FROM subscription_fact AS f
    SEMI JOIN due AS d ON d.shelf = f.shelf AND d.subscription_id = f.subscription_id
    WHERE f.stands
),
ending AS (
    SELECT
        CASE WHEN cancel_at < period_ends_at THEN cancel_at ELSE period_ends_at END AS due_at,
        CASE
            WHEN cancel_at_period_end OR cancel_at <= period_ends_at THEN 'leaving'
            WHEN status = 'trialing' THEN 'trial'
            WHEN date_diff('day', period_starts_at, period_ends_at) > 300 THEN 'year'
            WHEN date_diff('day', period_starts_at, period_ends_at) > 27 THEN 'month'
            ELSE 'short'
        END AS kind,
        effective_at, next_at
    FROM told
    WHERE status IN ('active', 'trialing', 'past_due') AND ended_at IS NULL AND NOT paused
)
SELECT kind, CAST(due_at AS DATE) AS on_day, count(*) AS due
FROM ending
WHERE due_at >= CAST($first AS TIMESTAMP) AND due_at < CAST($last AS TIMESTAMP) AND effective_at < date_trunc('day', due_at)
    AND (next_at IS NULL OR next_at >= date_trunc('day', due_at))
GROUP BY kind, CAST(due_at AS DATE)
