-- The items of each snapshot with their resolved offers. Grain: version × item.
-- Inputs: version, subscription_item, item_unlisted, price_known.
-- Metered and one-time items have no level under `usage` and `one_time` = exclude, so they are no rows (A24).
WITH held AS (
    SELECT
        v.version_id, v.version_no, v.currency AS own_currency, i.* EXCLUDE (fact_id, shelf),
        coalesce(i.period_starts_at, v.period_starts_at) AS starts_at, coalesce(i.period_ends_at, v.period_ends_at) AS ends_at
    FROM version AS v
    JOIN subscription_item AS i ON i.shelf = v.shelf AND i.fact_id = v.fact_id
    UNION ALL
    SELECT
        u.version_id, u.version_no, u.currency, i.* EXCLUDE (fact_id, shelf),
        coalesce(i.period_starts_at, u.period_starts_at), coalesce(i.period_ends_at, u.period_ends_at)
    FROM item_unlisted AS u
    JOIN subscription_item AS i ON i.shelf = u.shelf AND i.fact_id = u.listed_by_id AND i.item_id = u.item_id
),
offered AS (
    SELECT
        h.version_id, h.version_no, h.subscription_id, h.item_id, h.quantity,
        coalesce(h.product_id, p.product_id) AS product_id, h.price_id,
        coalesce(h.currency, p.currency, h.own_currency) AS currency,
        -- Inline terms go before the catalogue's; a tiered price whose tiers are not inline needs the catalogue.
        CASE WHEN h.unit_num IS NULL AND h.tiers IS NULL THEN p.unit_num ELSE h.unit_num END AS unit_num,
        CASE WHEN h.unit_num IS NULL AND h.tiers IS NULL THEN p.unit_den ELSE h.unit_den END AS unit_den,
        CASE WHEN h.unit_num IS NULL AND h.tiers IS NULL THEN p.tiers ELSE h.tiers END AS tiers,
        coalesce(h.tiers_mode, p.tiers_mode) AS tiers_mode,
        CASE WHEN h.unit_num IS NULL AND h.tiers IS NULL THEN coalesce(p.package, h.package) ELSE h.package END AS package,
        CASE WHEN h.unit_num IS NULL AND h.tiers IS NULL THEN coalesce(p.package_up, h.package_up) ELSE h.package_up END
            AS package_up,
        coalesce(h.interval, p.interval) AS unit, CASE WHEN h.interval IS NULL THEN p.interval_count ELSE h.interval_count END AS units,
        h.starts_at AS period_starts_at, h.ends_at AS period_ends_at
    FROM held AS h
    LEFT JOIN price_known AS p ON p.price_id = h.price_id
    WHERE h.recurring AND coalesce(p.recurring, TRUE)
        AND NOT (h.usage_type = 'metered' OR coalesce(p.usage_type = 'metered', FALSE))
)
SELECT
    o.*, concat_ws('|', product_id, price_id, currency, unit_num, unit_den, tiers, tiers_mode, package, package_up, unit, units)
        AS offer,
    CAST(CASE unit WHEN 'month' THEN units WHEN 'year' THEN 12 * units WHEN 'week' THEN units * q.week_den
        ELSE units * q.day_den END AS BIGINT) AS months_num,
    CAST(CASE unit WHEN 'week' THEN q.week_num WHEN 'day' THEN q.day_num ELSE 1 END AS BIGINT) AS months_den,
    unit IS NULL OR (unit_num IS NULL AND tiers IS NULL) AS pending
FROM offered AS o
CROSS JOIN policy AS q
