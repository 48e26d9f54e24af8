-- The items of each snapshot with their resolved offers. Grain: version × item.
-- Inputs: version, subscription_item, price_known. An item that a truncated list leaves out goes on as it was (DESIGN §5).
-- Metered and one-time items have no level under `usage` and `one_time` = exclude, so they are no rows (A24).
WITH listed AS (
    SELECT
        v.subscription_id, v.version_id, v.version_no, v.complete_no, v.currency AS own_currency,
        i.* EXCLUDE (subscription_id, shelf),
        lead(v.version_no) OVER (PARTITION BY v.subscription_id, v.complete_no, i.item_id ORDER BY v.version_no)
            AS listed_again_no,
        v.period_starts_at AS own_starts_at, v.period_ends_at AS own_ends_at
    FROM version AS v
    JOIN subscription_item AS i ON i.shelf = v.shelf AND i.fact_id = v.fact_id
),
held AS (
    SELECT version_id AS held_in, version_no AS held_no, * FROM listed
    UNION ALL
    SELECT
        w.version_id, w.version_no,
        l.* EXCLUDE (own_starts_at, own_ends_at), w.period_starts_at, w.period_ends_at
    FROM listed AS l
    JOIN version AS w
        ON w.subscription_id = l.subscription_id AND w.complete_no = l.complete_no AND w.truncated
        AND w.version_no > l.version_no AND (l.listed_again_no IS NULL OR w.version_no < l.listed_again_no)
),
offered AS (
    SELECT
        h.held_in AS version_id, h.held_no AS version_no, h.subscription_id, h.item_id, h.quantity,
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
        h.recurring AND coalesce(p.recurring, TRUE) AS recurring,
        h.usage_type = 'metered' OR coalesce(p.usage_type = 'metered', FALSE) AS metered,
        coalesce(h.period_starts_at, h.own_starts_at) AS period_starts_at,
        coalesce(h.period_ends_at, h.own_ends_at) AS period_ends_at
    FROM held AS h
    LEFT JOIN price_known AS p ON p.price_id = h.price_id
),
timed AS (
    SELECT
        o.*, concat_ws('|', product_id, price_id, currency, unit_num, unit_den, tiers, tiers_mode, package, package_up, unit, units)
            AS offer,
        CAST(CASE unit WHEN 'month' THEN units WHEN 'year' THEN 12 * units WHEN 'week' THEN units * q.week_den
            ELSE units * q.day_den END AS BIGINT) AS months_num,
        CAST(CASE unit WHEN 'week' THEN q.week_num WHEN 'day' THEN q.day_num ELSE 1 END AS BIGINT) AS months_den
    FROM offered AS o
    CROSS JOIN policy AS q
    WHERE NOT metered AND recurring
),
changed AS (
    SELECT t.*, lag(offer) OVER life IS DISTINCT FROM offer OR lag(quantity) OVER life IS DISTINCT FROM quantity AS changes
    FROM timed AS t
    WINDOW life AS (PARTITION BY subscription_id, item_id ORDER BY version_no)
)
SELECT
    c.* EXCLUDE (changes, recurring, metered),
    count(*) FILTER (WHERE changes) OVER (PARTITION BY subscription_id, item_id ORDER BY version_no
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS change_no,
    unit IS NULL OR (unit_num IS NULL AND tiers IS NULL) AS pending
FROM changed AS c
