-- One-time items of subscriptions, spread over the months of `one_time` from the day on which they are first listed, while
-- their subscription counts. Grain: item × stretch, half-open. Inputs: version, subscription_item, price_known, phase, policy.
-- Only where: SELECT 1 FROM policy WHERE one_time IS NOT NULL.
WITH listed AS (
    SELECT
        v.subscription_id, i.item_id, v.starts_at, v.version_id, i.quantity, coalesce(i.product_id, k.product_id) AS product_id,
        i.price_id, coalesce(i.currency, k.currency, v.currency) AS currency, coalesce(i.unit_num, k.unit_num) AS unit_num,
        CASE WHEN i.unit_num IS NULL THEN k.unit_den ELSE i.unit_den END AS unit_den,
        row_number() OVER (PARTITION BY v.subscription_id, i.item_id ORDER BY v.version_no) AS listed_no
    FROM version AS v
    JOIN policy AS p ON p.basis = 'subscription' AND p.one_time IS NOT NULL
    JOIN subscription_item AS i ON i.shelf = v.shelf AND i.fact_id = v.fact_id
    LEFT JOIN price_known AS k ON k.price_id = i.price_id
    WHERE NOT (i.recurring AND coalesce(k.recurring, TRUE)) AND coalesce(i.unit_num, k.unit_num) IS NOT NULL
)
SELECT
    h.owner_id AS customer_id, l.subscription_id, l.item_id, l.version_id, greatest(l.starts_at, h.starts_at) AS starts_at,
    least(h.ends_at, in_month(month_no(l.starts_at) + p.one_time, day(l.starts_at), l.starts_at)) AS ends_at, l.product_id,
    l.price_id, l.currency, concat_ws('|', l.product_id, l.price_id, l.currency, l.unit_num, l.unit_den, 'once') AS offer,
    'month' AS unit, CAST(p.one_time AS BIGINT) AS units, l.quantity, CAST(l.unit_num AS HUGEINT) AS each_num,
    CAST(l.unit_num AS HUGEINT) * l.quantity AS num, CAST(l.unit_den AS HUGEINT) * p.one_time AS den
FROM listed AS l
CROSS JOIN policy AS p
JOIN phase AS h
    ON h.subscription_id = l.subscription_id AND h.counted AND h.ends_at > l.starts_at
    AND h.starts_at < in_month(month_no(l.starts_at) + p.one_time, day(l.starts_at), l.starts_at)
WHERE l.listed_no = 1
