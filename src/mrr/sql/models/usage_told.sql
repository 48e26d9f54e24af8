-- What was used of metered items, told as quantities (basis subscription) or as billed lines (basis invoice), beside the
-- terms that price it. Grain: item × local month × telling. Inputs: usage, set_aside, version, subscription_item,
-- item_unlisted, price_known, invoice_sold, identity, utc_offset, policy. A line belongs to the month in which its service
-- period ends. A quantity that belongs to no one metered item has no terms: it is pending.
-- Only where: SELECT 1 FROM policy WHERE usage_months IS NOT NULL.
WITH listed AS (
    SELECT v.version_id, v.shelf, v.fact_id, v.currency, NULL AS item_id FROM version AS v
    UNION ALL
    SELECT version_id, shelf, listed_by_id, currency, item_id FROM item_unlisted
),
metered AS (
    SELECT
        v.subscription_id, v.owner_id, v.starts_at, i.item_id, coalesce(i.product_id, k.product_id) AS product_id, i.price_id,
        coalesce(i.currency, k.currency, l.currency) AS currency, v.version_no,
        CASE WHEN i.unit_num IS NULL AND i.tiers IS NULL THEN struct_pack(unit_num := k.unit_num, unit_den := k.unit_den, tiers := k.tiers,
                tiers_mode := coalesce(i.tiers_mode, k.tiers_mode), package := k.package, package_up := k.package_up)
            ELSE struct_pack(unit_num := i.unit_num, unit_den := i.unit_den, tiers := i.tiers, tiers_mode := i.tiers_mode,
                package := i.package, package_up := i.package_up) END AS terms
    FROM listed AS l
    JOIN policy AS p ON p.basis = 'subscription' AND p.usage_months IS NOT NULL
    JOIN version AS v ON v.version_id = l.version_id
    JOIN subscription_item AS i ON i.shelf = l.shelf AND i.fact_id = l.fact_id AND coalesce(l.item_id, i.item_id) = i.item_id
    LEFT JOIN price_known AS k ON k.price_id = i.price_id
    WHERE i.usage_type = 'metered' OR k.usage_type = 'metered'
),
told AS (
    SELECT u.* EXCLUDE (customer_id), coalesce(n.canonical_id, u.customer_id) AS customer_id
    FROM usage AS u
    JOIN policy AS p ON p.basis = 'subscription' AND p.usage_months IS NOT NULL
    SEMI JOIN scope_name AS s ON s.customer_id = u.customer_id
    ANTI JOIN set_aside AS x ON x.seq = u.seq
    LEFT JOIN identity AS n ON n.customer_id = u.customer_id
    QUALIFY row_number() OVER (PARTITION BY u.usage_id ORDER BY u.digest, u.fact_id) = 1
),
-- The metered item that is meant, as it was when it was used: named, or the only one that it can be.
meant AS (
    SELECT
        u.usage_id, u.fact_id, u.customer_id, u.effective_at, u.quantity_num, u.quantity_den, u.meter, m.* EXCLUDE (owner_id, starts_at),
        count(DISTINCT m.subscription_id || ' ' || m.item_id) OVER (PARTITION BY u.usage_id) AS choices,
        row_number() OVER (PARTITION BY u.usage_id ORDER BY m.starts_at <= u.effective_at DESC NULLS LAST,
            CASE WHEN m.starts_at <= u.effective_at THEN m.version_no END DESC, m.version_no, m.subscription_id, m.item_id) AS choice
    FROM told AS u
    LEFT JOIN metered AS m
        ON m.owner_id = u.customer_id AND coalesce(u.subscription_id, m.subscription_id) = m.subscription_id
        AND coalesce(u.item_id, m.item_id) = m.item_id
),
used AS (
    SELECT
        m.customer_id, m.subscription_id, m.item_id, m.product_id, m.price_id, m.currency, m.fact_id, m.effective_at AS used_at,
        m.quantity_num, m.quantity_den, CAST(NULL AS BIGINT) AS amount_micros, m.meter,
        CASE WHEN m.choices = 1 AND (m.terms.unit_num IS NOT NULL OR m.terms.tiers IS NOT NULL)
            THEN CAST(to_json(m.terms) AS VARCHAR) END AS terms
    FROM meant AS m
    WHERE m.choice = 1
    UNION ALL
    SELECT
        customer_id, subscription_id, item_id, product_id, price_id, currency, fact_id, ends_at - INTERVAL 1 MICROSECOND,
        NULL, NULL, net_micros, NULL, NULL
    FROM invoice_sold
    JOIN policy AS p ON p.basis = 'invoice' AND p.usage_months IS NOT NULL
    WHERE kind = 'usage'
)
SELECT u.*, month_no(u.used_at + to_seconds(o.seconds)) AS used_no
FROM used AS u
JOIN utc_offset AS o ON u.used_at >= o.starts_at AND u.used_at < o.ends_at
