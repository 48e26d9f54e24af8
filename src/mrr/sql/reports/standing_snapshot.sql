-- The snapshots of subscriptions that stand, in order, with what they schedule. Grain: subscription × snapshot.
-- Inputs: subscription_fact, identity, excluded. In force just before t is the one with effective_at < t <= next_at.
SELECT
    f.fact_id, f.subscription_id, coalesce(i.canonical_id, f.customer_id) AS customer_id, f.effective_at, f.status, f.currency,
    f.started_at, f.period_ends_at, f.trial_ends_at, f.status IN ('canceled', 'incomplete_expired') AS is_ended,
    f.status IN ('canceled', 'incomplete_expired') OR f.cancel_at IS NOT NULL
        OR (f.cancel_at_period_end AND f.period_ends_at IS NOT NULL) AS schedules_end,
    coalesce(last_value(CASE WHEN NOT (f.paused OR f.status = 'paused') OR f.status = 'trialing' THEN f.status END IGNORE NULLS)
        OVER so_far = 'trialing', FALSE) AS on_trial,
    row_number() OVER so_far = 1 AS is_first,
    coalesce(lead(f.effective_at) OVER life, open_end()) AS next_at, row_number() OVER life AS snapshot_no
FROM subscription_fact AS f
LEFT JOIN identity AS i ON i.customer_id = f.customer_id
WHERE f.stands AND coalesce(i.canonical_id, f.customer_id) NOT IN (SELECT customer_id FROM ledger.excluded)
WINDOW
    life AS (PARTITION BY f.subscription_id ORDER BY f.effective_at, f.ordinal, f.fact_id),
    so_far AS (PARTITION BY f.subscription_id ORDER BY f.effective_at, f.ordinal, f.fact_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
