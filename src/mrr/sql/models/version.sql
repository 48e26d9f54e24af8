-- One row per snapshot of a subscription that stands, in order, beside what the next one shows.
-- Grain: subscription × snapshot. Inputs: subscription_fact, identity, continuation, set_aside. Half-open [starts_at, next_starts_at).
-- A first snapshot that was only observed takes effect at the subscription's own start, as a life that nobody told.
WITH standing AS (
    SELECT
        f.*, row_number() OVER (PARTITION BY f.subscription_id ORDER BY f.effective_at, f.ordinal, f.fact_id) = 1 AS is_first
    FROM subscription_fact AS f
    SEMI JOIN scope_subscription AS s ON s.shelf = f.shelf AND s.subscription_id = f.subscription_id
    WHERE f.stands
),
placed AS (
    SELECT
        fact_id * 2 AS version_id, fact_id, shelf, subscription_id, customer_id, CASE WHEN precision = 'by' THEN greatest(effective_at, coalesce(started_at, effective_at)) ELSE effective_at END
            AS starts_at, ordinal, FALSE AS assumed,
        status, currency, truncated, period_starts_at, period_ends_at, trial_ends_at,
        paused OR status = 'paused' AS shows_pause, resumes_at,
        cancel_at_period_end, cancel_at, canceled_at, ended_at, involuntary
    FROM standing
    UNION ALL
    SELECT
        fact_id * 2 + 1, fact_id, shelf, subscription_id, customer_id, started_at, -1, TRUE,
        CASE
            WHEN status LIKE 'incomplete%' THEN status
            WHEN trial_ends_at > started_at THEN 'trialing'
            WHEN status IN ('canceled', 'trialing') THEN 'active'
            ELSE status
        END,
        currency, truncated, period_starts_at, period_ends_at, trial_ends_at,
        paused OR status = 'paused', NULL, FALSE, NULL, NULL, NULL, NULL
    FROM standing
    WHERE is_first AND precision = 'by' AND started_at < effective_at
),
known AS (
    SELECT
        p.*, coalesce(i.canonical_id, p.customer_id) AS owner_id,
        p.status IN ('canceled', 'incomplete_expired') AS is_ended,
        (p.cancel_at IS NOT NULL OR p.cancel_at_period_end) AND p.status NOT IN ('canceled', 'incomplete_expired') AS carries_end,
        row_number() OVER life AS version_no,
        count(*) FILTER (WHERE NOT p.truncated) OVER life AS complete_no,
        coalesce(
            last_value(CASE WHEN NOT p.shows_pause OR p.status = 'trialing' THEN p.status END IGNORE NULLS) OVER life
            = 'trialing', FALSE) AND p.status NOT IN ('canceled', 'incomplete_expired') AS in_trial,
        count(*) FILTER (WHERE p.status <> 'past_due') OVER life AS past_due_run
    FROM placed AS p
    LEFT JOIN identity AS i ON i.customer_id = p.customer_id
    WINDOW life AS (PARTITION BY p.subscription_id ORDER BY p.starts_at, p.ordinal, p.version_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
asked AS (
    SELECT
        k.*,
        -- A `cancel_at` that the first fact already carries without `canceled_at` is a term, not a request (A14).
        carries_end AND NOT bool_and(carries_end AND cancel_at IS NOT NULL AND canceled_at IS NULL) OVER (
            PARTITION BY subscription_id ORDER BY version_no ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS requested,
        CASE WHEN status = 'past_due' THEN min(CASE WHEN status = 'past_due' THEN starts_at END) OVER (
            PARTITION BY subscription_id, past_due_run) END AS past_due_since
    FROM known AS k
)
SELECT
    a.* EXCLUDE (past_due_run, customer_id), c.continued_at,
    lead(a.starts_at) OVER life AS next_starts_at,
    lead(a.status) OVER life AS next_status,
    lead(a.is_ended) OVER life AS next_is_ended,
    lead(a.shows_pause) OVER life AS next_shows_pause,
    lead(a.in_trial) OVER life AS next_in_trial,
    lead(a.trial_ends_at) OVER life AS next_trial_ends_at,
    lead(a.canceled_at) OVER life AS next_canceled_at,
    lead(a.ended_at) OVER life AS next_ended_at,
    lead(a.requested) OVER life AS next_requested
FROM asked AS a
LEFT JOIN (SELECT old_id, min(turns_at) AS continued_at FROM continuation AS t ANTI JOIN set_aside AS x ON x.seq = t.seq GROUP BY old_id) AS c ON c.old_id = a.subscription_id
WINDOW life AS (PARTITION BY a.subscription_id ORDER BY a.version_no)
