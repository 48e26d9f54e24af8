-- Contracts that ended with their term, and how long they outlive it (`renewal.grace`): to local midnight of day D + N, or
-- until the customer begins something else. Grain: subscription × end. Inputs: phase, clock, calendar, utc_offset, policy.
-- A term ended where nobody asked for the end (A14) and no payment failed.
-- Only where: SELECT 1 FROM policy WHERE renewal_grace > 0.
WITH lapse AS (
    SELECT DISTINCT e.subscription_id, e.owner_id, e.lapsed_at, d.starts_at AS grace_ends_at
    FROM phase AS e
    JOIN policy AS p ON p.renewal_grace > 0
    JOIN clock AS c ON c.version_id = e.alive_version_id AND c.request_at IS NULL
    JOIN utc_offset AS o ON e.lapsed_at >= o.starts_at AND e.lapsed_at < o.ends_at
    JOIN calendar AS d ON d.day = CAST(e.lapsed_at + to_seconds(o.seconds) AS DATE) + p.renewal_grace
    WHERE e.state = 'ended' AND e.starts_at = e.lapsed_at AND e.lapsed_from = 'active' AND NOT coalesce(e.involuntary, FALSE)
),
begun AS (
    SELECT subscription_id, owner_id, starts_at
    FROM (
        SELECT p.*, lag(counted) OVER (PARTITION BY subscription_id ORDER BY starts_at, version_no) AS was_counted
        FROM phase AS p
        JOIN policy AS q ON q.renewal_grace > 0
    )
    WHERE counted AND NOT coalesce(was_counted, FALSE)
)
SELECT
    l.subscription_id, l.lapsed_at, least(min(l.grace_ends_at), coalesce(min(b.starts_at), min(l.grace_ends_at))) AS outlives_to
FROM lapse AS l
LEFT JOIN begun AS b ON b.owner_id = l.owner_id AND b.subscription_id <> l.subscription_id AND b.starts_at >= l.lapsed_at
GROUP BY l.subscription_id, l.lapsed_at
