-- Items that are worth something else on basis `invoice`, matched with their lines: the first rule that fits says why.
-- Grain: month × item. Inputs: level_before and level_after (bridge_level), what is known on each side, lined
-- (bridge_lined), discount_seen. Tax is in no level: lines are read without it.
WITH met AS (
    SELECT
        coalesce(b.in_month, a.in_month) AS in_month, coalesce(b.customer_id, a.customer_id) AS customer_id,
        coalesce(b.subscription_id, a.subscription_id) AS subscription_id, coalesce(b.item_id, a.item_id) AS item_id,
        coalesce(b.reporting_micros, 0) AS before_micros, coalesce(a.reporting_micros, 0) AS after_micros,
        coalesce(b.local_micros, 0) AS local_before, coalesce(a.local_micros, 0) AS local_after,
        b.level_from,
        b.item_id IS NOT NULL AND a.item_id IS NOT NULL AS on_both
    FROM level_before AS b
    FULL JOIN level_after AS a
        ON a.in_month = b.in_month AND a.customer_id = b.customer_id AND a.subscription_id = b.subscription_id
        AND a.item_id = b.item_id
),
-- What stands on one side alone and stood on the other up to 45 days off came earlier or later there.
late AS (
    SELECT DISTINCT m.in_month, m.subscription_id, m.item_id
    FROM met AS m
    JOIN (
        SELECT *, TRUE AS is_before FROM known_level_before UNION ALL SELECT *, FALSE FROM known_level_after
    ) AS k
        ON k.subscription_id = m.subscription_id AND k.item_id = m.item_id AND k.is_before = (m.before_micros = 0)
        AND k.starts_at <= m.in_month + INTERVAL 1 MONTH + INTERVAL 45 DAY
        AND k.ends_at >= m.in_month + INTERVAL 1 MONTH - INTERVAL 45 DAY
    WHERE NOT m.on_both
),
billed AS (
    SELECT in_month, subscription_id, max(billed_from) AS billed_from FROM lined GROUP BY in_month, subscription_id
)
SELECT
    m.in_month, m.customer_id, m.subscription_id, m.item_id, m.before_micros, m.after_micros,
    CASE
        WHEN m.on_both AND m.local_before = m.local_after THEN 'fx'
        WHEN m.on_both AND abs(m.local_after - m.local_before) <= 10000 THEN 'rounding'
        WHEN l.is_part AND m.on_both THEN 'proration'
        WHEN m.on_both AND (l.discounted OR d.subscription_id IS NOT NULL) THEN 'discount'
        WHEN l.one_time THEN 'one-time'
        WHEN l.is_usage THEN 'usage'
        WHEN l.credited THEN 'credit'
        WHEN l.refunded THEN 'refund'
        WHEN k.subscription_id IS NOT NULL THEN 'timing'
        -- What was changed, or added to a subscription, after its last bill began is billed with the next.
        WHEN m.on_both AND m.level_from > coalesce(l.billed_from, TIMESTAMP '1970-01-01') THEN 'timing'
        WHEN NOT m.on_both AND m.level_from > s.billed_from THEN 'timing'
        ELSE 'unexplained'
    END AS rule
FROM met AS m
LEFT JOIN lined AS l
    ON l.in_month = m.in_month AND l.customer_id = m.customer_id AND l.subscription_id = m.subscription_id AND l.item_id = m.item_id
LEFT JOIN discount_seen AS d ON d.subscription_id = m.subscription_id
LEFT JOIN billed AS s ON s.in_month = m.in_month AND s.subscription_id = m.subscription_id
LEFT JOIN late AS k ON k.in_month = m.in_month AND k.subscription_id = m.subscription_id AND k.item_id = m.item_id
WHERE m.before_micros <> m.after_micros
