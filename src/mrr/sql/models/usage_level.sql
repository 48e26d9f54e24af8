-- What metered items are worth a month: the mean of their last whole local months (`usage`), while their subscription can
-- be billed for. Grain: item × month, half-open. Inputs: usage_mean, billable, phase, calendar.
-- Only where: SELECT 1 FROM usage_mean.
SELECT
    u.customer_id, u.subscription_id, u.item_id, u.fact_id * 2 AS version_id, greatest(f.starts_at, coalesce(b.starts_at, f.starts_at)) AS starts_at,
    least(t.starts_at, coalesce(b.ends_at, t.starts_at)) AS ends_at, u.product_id, u.price_id, u.currency,
    concat_ws('|', u.product_id, u.price_id, u.currency, 'usage') AS offer, 'month' AS unit, CAST(1 AS BIGINT) AS units,
    CAST(1 AS BIGINT) AS quantity, u.num AS each_num, u.num, u.den
FROM usage_mean AS u
JOIN calendar AS f ON f.day = make_date(CAST(u.month_no // 12 AS INTEGER), CAST(u.month_no % 12 + 1 AS INTEGER), 1)
JOIN calendar AS t ON t.day = last_day(f.day) + 1
LEFT JOIN billable AS b ON b.subscription_id = u.subscription_id
WHERE (b.subscription_id IS NOT NULL AND b.starts_at < t.starts_at AND b.ends_at > f.starts_at)
    OR u.subscription_id NOT IN (SELECT subscription_id FROM phase)
