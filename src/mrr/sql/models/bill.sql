-- The bills that are more than unit × quantity: with discounts, tiers or packages. Grain: version × span.
-- Inputs: span, item_version, discount_term, policy; none on basis invoice. All spans of a
-- subscription that ever has such a bill. `bill` is the JSON that bill.py reads; equal bills have equal text.
-- Only where: discount_listed or SELECT 1 FROM item_version WHERE tiers IS NOT NULL OR package > 1.
WITH complex AS (
    SELECT subscription_id FROM item_version WHERE tiers IS NOT NULL OR package > 1
    UNION
    SELECT subscription_id FROM discount_listed
),
taken AS (
    SELECT
        s.version_id, s.starts_at, t.position, t.listed_no, t.discount_id, t.keep_num, t.keep_den, t.amount_micros,
        list(t.item_id ORDER BY t.item_id) AS covers, bool_or(t.pending) AS pending
    FROM span AS s
    JOIN discount_term AS t ON t.version_id = s.version_id AND t.starts_at <= s.starts_at AND t.ends_at > s.starts_at
    GROUP BY ALL
),
discounts AS (
    SELECT
        version_id, starts_at, bool_or(pending) AS pending,
        list(struct_pack(covers := covers, keep_num := keep_num, keep_den := keep_den, amount_micros := amount_micros)
            ORDER BY listed_no, position, discount_id) AS discounts
    FROM taken
    GROUP BY version_id, starts_at
),
items AS (
    SELECT
        version_id, bool_or(pending) AS pending,
        list(struct_pack(item := item_id, quantity := quantity, unit_num := coalesce(unit_num, 0),
            unit_den := coalesce(unit_den, 1), months_num := months_num, months_den := months_den, offer := offer,
            tiers := tiers, tiers_mode := tiers_mode, package := package, package_up := package_up)
            ORDER BY item_id) AS items
    FROM item_version
    SEMI JOIN complex USING (subscription_id)
    GROUP BY version_id
)
SELECT
    s.version_id, s.subscription_id, s.starts_at, s.ends_at, i.pending OR coalesce(d.pending, FALSE) AS pending,
    CAST(to_json(struct_pack(items := i.items, discounts := coalesce(d.discounts, []))) AS VARCHAR) AS bill
FROM span AS s
JOIN policy AS p ON p.basis = 'subscription'
JOIN items AS i ON i.version_id = s.version_id
LEFT JOIN discounts AS d ON d.version_id = s.version_id AND d.starts_at = s.starts_at
