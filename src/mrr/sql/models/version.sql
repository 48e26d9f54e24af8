-- One row per snapshot of a subscription that stands, in order, beside what the next one shows.
-- Grain: subscription × snapshot. Inputs: subscription_fact, identity, continuation, set_aside. Half-open [starts_at, next_starts_at).
-- A first snapshot that was only observed takes effect at the subscription's own start, as a life that nobody told.
WITH standing AS MATERIALIZED (
    SELECT
        f.fact_id, f.shelf, f.subscription_id, f.customer_id, f.effective_at, f.precision, f.ordinal, f.status, f.currency,
        f.truncated, f.started_at, f.period_starts_at, f.period_ends_at, f.trial_ends_at,
        f.paused OR f.status = 'paused' AS shows_pause, f.resumes_at, f.cancel_at_period_end, f.cancel_at, f.canceled_at,
        f.ended_at, f.involuntary
    FROM subscription_fact AS f
    SEMI JOIN scope_subscription AS s ON s.shelf = f.shelf AND s.subscription_id = f.subscription_id
    WHERE f.stands
),
placed AS (
    SELECT
        fact_id * 2 AS version_id, fact_id, shelf, subscription_id, customer_id,
        CASE WHEN precision = 'by' THEN greatest(effective_at, coalesce(started_at, effective_at)) ELSE effective_at END
            AS starts_at, ordinal, FALSE AS assumed,
        status, currency, truncated, period_starts_at, period_ends_at, trial_ends_at, shows_pause, resumes_at,
        cancel_at_period_end, cancel_at, canceled_at, ended_at, involuntary,
        status IN ('canceled', 'incomplete_expired') AS is_ended
    FROM standing
    UNION ALL
    SELECT
        s.fact_id * 2 + 1, s.fact_id, shelf, subscription_id, customer_id, started_at, -1, TRUE,
        CASE
            WHEN status LIKE 'incomplete%' THEN status
            WHEN trial_ends_at > started_at THEN 'trialing'
            WHEN status IN ('canceled', 'trialing') THEN 'active'
            ELSE status
        END,
        currency, truncated, period_starts_at, period_ends_at, trial_ends_at, shows_pause, NULL, FALSE, NULL, NULL, NULL,
        NULL, status = 'incomplete_expired'
    FROM standing AS s
    SEMI JOIN (
        SELECT arg_min(fact_id, (effective_at, ordinal, fact_id)) AS fact_id FROM standing GROUP BY subscription_id
    ) AS first ON first.fact_id = s.fact_id
    WHERE precision = 'by' AND started_at < effective_at
),
-- Frames that reach one row ahead say what holds at the next snapshot.
ordered AS (
    SELECT
        p.*, row_number() OVER so_far AS version_no, count(*) FILTER (WHERE NOT truncated) OVER so_far AS complete_no,
        count(*) FILTER (WHERE status <> 'past_due') OVER so_far AS past_due_run,
        last_value(CASE WHEN NOT shows_pause OR status = 'trialing' THEN status END IGNORE NULLS) OVER so_far AS unpaused,
        last_value(CASE WHEN NOT shows_pause OR status = 'trialing' THEN status END IGNORE NULLS) OVER next_too
            AS next_unpaused,
        -- A `cancel_at` that the first fact already carries without `canceled_at` is a term, not a request (A14).
        bool_and(NOT is_ended AND cancel_at IS NOT NULL AND canceled_at IS NULL) OVER so_far AS is_term,
        bool_and(NOT is_ended AND cancel_at IS NOT NULL AND canceled_at IS NULL) OVER next_too AS next_is_term,
        NOT is_ended AND (cancel_at IS NOT NULL OR cancel_at_period_end) AS carries_end,
        lead(NOT is_ended AND (cancel_at IS NOT NULL OR cancel_at_period_end)) OVER so_far AS next_carries_end,
        lead(starts_at) OVER so_far AS next_starts_at, lead(status) OVER so_far AS next_status,
        lead(is_ended) OVER so_far AS next_is_ended, lead(shows_pause) OVER so_far AS next_shows_pause,
        lead(trial_ends_at) OVER so_far AS next_trial_ends_at, lead(canceled_at) OVER so_far AS next_canceled_at,
        lead(ended_at) OVER so_far AS next_ended_at
    FROM placed AS p
    WINDOW so_far AS (PARTITION BY subscription_id ORDER BY starts_at, ordinal, version_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
        next_too AS (PARTITION BY subscription_id ORDER BY starts_at, ordinal, version_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING)
)
SELECT
    o.* EXCLUDE (customer_id, unpaused, next_unpaused, is_term, next_is_term, next_carries_end),
    coalesce(i.canonical_id, o.customer_id) AS owner_id, c.continued_at,
    coalesce(unpaused = 'trialing', FALSE) AND NOT is_ended AS in_trial,
    coalesce(next_unpaused = 'trialing', FALSE) AND NOT next_is_ended AS next_in_trial,
    carries_end AND NOT is_term AS requested, next_carries_end AND NOT next_is_term AS next_requested
FROM ordered AS o
LEFT JOIN identity AS i ON i.customer_id = o.customer_id
LEFT JOIN (
    SELECT t.old_id, min(t.turns_at) AS continued_at
    FROM continuation AS t
    ANTI JOIN set_aside AS x ON x.seq = t.seq
    GROUP BY t.old_id
) AS c ON c.old_id = o.subscription_id
