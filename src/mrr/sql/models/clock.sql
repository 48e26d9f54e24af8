-- The instants at which each snapshot changes by itself: its boundaries, and those that the next one moves or voids.
-- Grain: version. Inputs: version, calendar, utc_offset, policy. Rules: A2–A7, A14, A21; NULL means that it never comes.
WITH own AS (
    SELECT
        v.*, coalesce(v.next_starts_at, open_end()) AS ends_at,
        CASE
            WHEN v.is_ended THEN NULL
            WHEN v.cancel_at IS NOT NULL THEN CASE WHEN v.cancel_at > v.starts_at THEN v.cancel_at END
            WHEN v.cancel_at_period_end AND v.period_ends_at > v.starts_at THEN v.period_ends_at
        END AS scheduled_end_at,
        CASE
            WHEN v.is_ended OR NOT v.in_trial THEN NULL
            WHEN NOT v.shows_pause THEN CASE WHEN v.trial_ends_at > v.starts_at THEN v.trial_ends_at END
            WHEN v.resumes_at > v.starts_at THEN greatest(v.resumes_at, coalesce(v.trial_ends_at, v.resumes_at))
        END AS scheduled_conversion_at
    FROM version AS v
),
moved AS (
    SELECT
        o.*,
        CASE
            WHEN is_ended THEN starts_at
            WHEN next_starts_at IS NULL THEN scheduled_end_at
            WHEN NOT next_is_ended THEN NULL
            WHEN next_ended_at <= next_starts_at THEN greatest(next_ended_at, starts_at)
            WHEN scheduled_end_at < next_starts_at THEN scheduled_end_at
            ELSE next_starts_at
        END AS ended_from,
        CASE
            WHEN NOT in_trial OR is_ended THEN NULL
            WHEN next_starts_at IS NULL THEN scheduled_conversion_at
            WHEN next_is_ended OR next_in_trial OR next_shows_pause THEN NULL
            WHEN next_status NOT IN ('active', 'past_due', 'unpaid') THEN NULL
            WHEN NOT shows_pause AND next_trial_ends_at > starts_at AND next_trial_ends_at <= next_starts_at
                THEN next_trial_ends_at
            WHEN scheduled_conversion_at < next_starts_at THEN scheduled_conversion_at
        END AS converts_at,
        CASE
            WHEN in_trial OR NOT shows_pause OR is_ended OR resumes_at <= starts_at THEN NULL
            WHEN next_starts_at IS NULL OR NOT next_shows_pause THEN resumes_at
        END AS resumed_from,
        CASE
            WHEN is_ended THEN NULL
            WHEN requested THEN starts_at
            WHEN next_requested OR (next_is_ended AND next_canceled_at IS NOT NULL)
                THEN least(greatest(coalesce(next_canceled_at, next_starts_at), starts_at), next_starts_at)
        END AS request_at
    FROM own AS o
),
-- N days of grace count to the local midnight that begins day D + N; no later fact voids it (A4).
grace AS (
    SELECT r.subscription_id, r.past_due_run, d.starts_at AS ends_at
    FROM (
        SELECT subscription_id, past_due_run, min(starts_at) AS since
        FROM version
        WHERE status = 'past_due'
        GROUP BY subscription_id, past_due_run
    ) AS r
    JOIN policy AS p ON p.past_due_days IS NOT NULL
    JOIN utc_offset AS o ON r.since >= o.starts_at AND r.since < o.ends_at
    JOIN calendar AS d ON d.day = CAST(r.since + to_seconds(o.seconds) AS DATE) + p.past_due_days
)
SELECT
    m.*, CASE WHEN p.churn_at = 'request' THEN m.request_at END AS requested_from,
    CASE WHEN p.past_due = 'exclude' THEN m.starts_at ELSE g.ends_at END AS grace_ends_at
FROM moved AS m
CROSS JOIN policy AS p
LEFT JOIN grace AS g
    ON m.status = 'past_due' AND g.subscription_id = m.subscription_id AND g.past_due_run = m.past_due_run
