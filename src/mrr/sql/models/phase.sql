-- In which state a subscription is, and whether it counts. Grain: stretch of one snapshot in one state, half-open.
-- Inputs: clock, policy. `lapsed_at`, `lapsed_from`
-- and `alive_version_id` say of an ended stretch when it ended, out of which state, and what was last seen alive.
WITH cut AS (
    SELECT version_id, starts_at AS turns_at FROM clock
    UNION SELECT version_id, ended_from FROM clock
    UNION SELECT version_id, requested_from FROM clock
    UNION SELECT version_id, converts_at FROM clock
    UNION SELECT version_id, resumed_from FROM clock
    UNION SELECT version_id, grace_ends_at FROM clock WHERE status = 'past_due'
    UNION SELECT version_id, continued_at FROM clock
),
stated AS (
    SELECT
        c.version_id, c.subscription_id, c.owner_id, c.version_no, cut.turns_at AS starts_at,
        coalesce(lead(cut.turns_at) OVER (PARTITION BY c.version_id ORDER BY cut.turns_at), c.ends_at) AS ends_at,
        CASE
            WHEN cut.turns_at >= c.continued_at THEN 'continued'
            WHEN cut.turns_at >= c.ended_from THEN 'ended'
            WHEN cut.turns_at >= c.requested_from THEN 'requested'
            WHEN c.in_trial AND (c.converts_at IS NULL OR cut.turns_at < c.converts_at) THEN 'trialing'
            WHEN c.shows_pause AND NOT c.in_trial AND p.paused <> 'keep'
                AND (c.resumed_from IS NULL OR cut.turns_at < c.resumed_from) THEN 'paused'
            WHEN c.status IN ('trialing', 'paused') THEN 'active'
            WHEN c.status = 'past_due' AND cut.turns_at >= c.grace_ends_at THEN 'past_due_over'
            ELSE c.status
        END AS state,
        c.involuntary
    FROM cut
    JOIN clock AS c ON c.version_id = cut.version_id
    CROSS JOIN policy AS p
    WHERE cut.turns_at >= c.starts_at AND cut.turns_at < c.ends_at
),
run AS (
    SELECT
        s.*, s.state = 'active' OR (s.state = 'trialing' AND p.trialing) OR s.state = 'past_due'
        OR (s.state = 'unpaid' AND p.unpaid) AS counted,
        CASE WHEN s.state = 'ended' AND lag(s.state) OVER life IS DISTINCT FROM 'ended' THEN s.starts_at END AS lapse_at,
        CASE WHEN s.state = 'ended' AND lag(s.state) OVER life IS DISTINCT FROM 'ended'
            THEN coalesce(lag(s.state) OVER life, 'none') END AS lapse_from
    FROM stated AS s
    CROSS JOIN policy AS p
    WINDOW life AS (PARTITION BY s.subscription_id ORDER BY s.starts_at, s.version_no)
)
SELECT
    r.* EXCLUDE (lapse_at, lapse_from),
    last_value(lapse_at IGNORE NULLS) OVER life AS lapsed_at,
    last_value(lapse_from IGNORE NULLS) OVER life AS lapsed_from,
    last_value(CASE WHEN state <> 'ended' THEN version_id END IGNORE NULLS) OVER life AS alive_version_id
FROM run AS r
WINDOW life AS (PARTITION BY subscription_id ORDER BY starts_at, version_no
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
