-- What metered items are worth a month: the mean of their last whole local months (`usage`), while their subscription
-- counts for who used them (basis subscription), or can be billed for (basis invoice). Grain: item × stretch, half-open.
-- Inputs: usage_mean, phase, billable, item_version, calendar, policy. An item that is licensed again counts by its own terms.
-- Only where: SELECT 1 FROM usage_mean.
WITH stretch AS (
    SELECT h.subscription_id, h.owner_id, h.version_id, h.starts_at, h.ends_at
    FROM phase AS h
    JOIN policy AS p ON p.basis = 'subscription'
    WHERE h.counted
    UNION ALL
    SELECT b.subscription_id, NULL, NULL, b.starts_at, b.ends_at
    FROM billable AS b
    JOIN policy AS p ON p.basis = 'invoice'
)
SELECT
    u.customer_id, u.subscription_id, u.item_id, u.fact_id * 2 AS version_id, greatest(f.starts_at, coalesce(b.starts_at, f.starts_at)) AS starts_at,
    least(t.starts_at, coalesce(b.ends_at, t.starts_at)) AS ends_at, u.product_id, u.price_id, u.currency,
    concat_ws('|', u.product_id, u.price_id, u.currency, 'usage') AS offer, 'month' AS unit, CAST(1 AS BIGINT) AS units,
    CAST(1 AS BIGINT) AS quantity, u.num AS each_num, u.num, u.den
FROM usage_mean AS u
JOIN calendar AS f ON f.day = make_date(CAST(u.month_no // 12 AS INTEGER), CAST(u.month_no % 12 + 1 AS INTEGER), 1)
JOIN calendar AS t ON t.day = last_day(f.day) + 1
LEFT JOIN stretch AS b ON b.subscription_id = u.subscription_id AND b.starts_at < t.starts_at AND b.ends_at > f.starts_at
ANTI JOIN item_version AS i ON i.version_id = b.version_id AND i.item_id = u.item_id
WHERE coalesce(b.owner_id, u.customer_id) = u.customer_id
    AND (b.subscription_id IS NOT NULL OR u.subscription_id NOT IN (SELECT subscription_id FROM phase))
