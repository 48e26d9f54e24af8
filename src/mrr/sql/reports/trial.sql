-- The trial of each subscription, at the instant just before it ended, as a member. Grain: subscription × item.
-- Inputs: standing_snapshot, subscription_item, price_known, seen_value. `converted`: it is worth something then or later.
WITH told AS (
    SELECT s.*, row_number() OVER (PARTITION BY subscription_id ORDER BY snapshot_no DESC) AS choice
    FROM standing_snapshot AS s
    WHERE trial_ends_at IS NOT NULL AND (started_at IS NULL OR trial_ends_at > started_at)
),
ended AS (
    SELECT t.*, least(trial_ends_at, next_at, CASE WHEN is_ended THEN effective_at ELSE trial_ends_at END) AS over_at
    FROM told AS t
    WHERE choice = 1
),
paid AS (
    SELECT subscription_id, max(ends_at) AS paid_until FROM seen_value WHERE reporting_micros > 0 GROUP BY subscription_id
)
SELECT
    e.customer_id, e.subscription_id, i.item_id, e.over_at - INTERVAL 1 MICROSECOND AS starts_at, e.over_at AS ends_at,
    coalesce(i.product_id, k.product_id) AS product_id, i.price_id, coalesce(i.currency, k.currency, e.currency) AS currency,
    coalesce(i.interval, k.interval) AS unit, CAST(NULL AS VARCHAR) AS trait,
    coalesce(p.paid_until > e.over_at, FALSE) AS converted
FROM ended AS e
LEFT JOIN subscription_item AS i ON i.fact_id = e.fact_id
LEFT JOIN price_known AS k ON k.price_id = i.price_id
LEFT JOIN paid AS p ON p.subscription_id = e.subscription_id
