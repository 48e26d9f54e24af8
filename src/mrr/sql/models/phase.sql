-- In which state a subscription is, and whether it counts. Grain: stretch of one snapshot in one state, half-open.
-- Inputs: clock, policy. `lapsed_at`, `lapsed_from`
-- and `alive_version_id` say of an ended stretch when it ended, out of which state, and what was last seen alive.
WITH inside AS (
    SELECT version_id, ended_from AS turns_at FROM clock WHERE ended_from > starts_at AND ended_from < ends_at
    UNION
    SELECT version_id, requested_from FROM clock WHERE requested_from > starts_at AND requested_from < ends_at
    UNION
    SELECT version_id, converts_at FROM clock WHERE converts_at > starts_at AND converts_at < ends_at
    UNION
    SELECT version_id, resumed_from FROM clock WHERE resumed_from > starts_at AND resumed_from < ends_at
    UNION
    SELECT version_id, grace_ends_at FROM clock
    WHERE status = 'past_due' AND grace_ends_at > starts_at AND grace_ends_at < ends_at
    UNION
    SELECT version_id, continued_at FROM clock WHERE continued_at > starts_at AND continued_at < ends_at
),
cut AS (
    SELECT c.*, c.starts_at AS turns_at FROM clock AS c WHERE c.starts_at < c.ends_at
    UNION ALL
    SELECT c.*, i.turns_at FROM inside AS i JOIN clock AS c ON c.version_id = i.version_id
),
stated AS (
    SELECT
        c.version_id, c.subscription_id, c.owner_id, c.version_no, c.turns_at, c.involuntary,
        CASE
            WHEN c.turns_at >= c.continued_at THEN 'continued'
            WHEN c.turns_at >= c.ended_from THEN 'ended'
            WHEN c.turns_at >= c.requested_from THEN 'requested'
            WHEN c.in_trial AND (c.converts_at IS NULL OR c.turns_at < c.converts_at) THEN 'trialing'
            WHEN c.shows_pause AND NOT c.in_trial AND p.paused <> 'keep'
                AND (c.resumed_from IS NULL OR c.turns_at < c.resumed_from) THEN 'paused'
            WHEN c.status IN ('trialing', 'paused') THEN 'active'
            WHEN c.status = 'past_due' AND c.turns_at >= c.grace_ends_at THEN 'past_due_over'
            ELSE c.status
        END AS state
    FROM cut AS c
    CROSS JOIN policy AS p
),
-- The snapshots of a subscription follow one another without a gap, so that a stretch ends where the next one begins.
run AS (
    SELECT
        s.version_id, s.subscription_id, s.owner_id, s.version_no, s.turns_at AS starts_at,
        coalesce(lead(s.turns_at) OVER life, open_end()) AS ends_at, s.state, s.involuntary,
        s.state = 'active' OR (s.state = 'trialing' AND p.trialing) OR s.state = 'past_due'
            OR (s.state = 'unpaid' AND p.unpaid) AS counted,
        coalesce(last_value(CASE WHEN state <> 'ended' THEN state END IGNORE NULLS) OVER life, 'none') AS lapsed_from,
        last_value(CASE WHEN state <> 'ended' THEN version_id END IGNORE NULLS) OVER life AS alive_version_id,
        count(*) FILTER (WHERE state <> 'ended') OVER life AS alive_no
    FROM stated AS s
    CROSS JOIN policy AS p
    WINDOW life AS (PARTITION BY s.subscription_id ORDER BY s.turns_at, s.version_no
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
SELECT * EXCLUDE (alive_no), CAST(NULL AS TIMESTAMP) AS lapsed_at FROM run WHERE state <> 'ended'
UNION ALL
SELECT * EXCLUDE (alive_no), min(starts_at) OVER (PARTITION BY subscription_id, alive_no) FROM run WHERE state = 'ended'
