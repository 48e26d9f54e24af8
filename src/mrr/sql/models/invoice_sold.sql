-- The lines of the invoices that count, each with what it sells and for how long. Grain: invoice × line.
-- Inputs: invoice_standing, invoice_line, price_known, subscription_item, policy. `kind`: `service`, `usage`, `one_time`,
-- or `unread` where there is no service period: reported, never guessed. Amounts are without tax; net is after discounts.
-- Only where: invoice_standing.
WITH line AS (
    SELECT
        s.customer_id, s.document_id, s.fact_id, s.final_at, s.written_off_at, l.line_id, l.item_id, l.price_id, l.product_id,
        l.currency, l.proration, l.recurring, greatest(coalesce(l.quantity, 1), 1) AS quantity, l.starts_at, l.ends_at,
        l.amount_micros AS gross_micros, l.amount_micros - l.discount_micros AS net_micros,
        coalesce(l.subscription_id, s.subscription_id) AS own_id, coalesce(l.price_id, l.item_id) AS sold_as
    FROM invoice_standing AS s
    JOIN invoice_line AS l ON l.fact_id = s.fact_id
),
-- What subscriptions say of their own items, for prices that the catalogue does not tell.
sold AS (
    SELECT
        *, row_number() OVER (PARTITION BY subscription_id, sold_as
            ORDER BY interval, interval_count, unit_num, unit_den, item_id, fact_id) AS choice
    FROM (
        SELECT i.*, unnest([i.price_id, i.item_id]) AS sold_as
        FROM subscription_item AS i
        SEMI JOIN (SELECT own_id, shelf(own_id) AS shelf FROM line) AS l ON l.shelf = i.shelf AND l.own_id = i.subscription_id
    )
),
termed AS (
    SELECT
        l.* EXCLUDE (item_id, sold_as, own_id), coalesce(l.own_id, l.customer_id) AS subscription_id,
        coalesce(l.item_id, i.item_id, substr(l.price_id, strpos(l.price_id, '/') + 1),
            substr(l.product_id, strpos(l.product_id, '/') + 1), 'billed') AS item_id,
        coalesce(k.interval, i.interval) AS unit,
        CASE WHEN k.interval IS NULL THEN i.interval_count ELSE k.interval_count END AS units,
        CASE WHEN k.unit_num IS NULL THEN i.unit_num ELSE k.unit_num END AS unit_num,
        CASE WHEN k.unit_num IS NULL THEN i.unit_den ELSE k.unit_den END AS unit_den,
        coalesce(k.tiers, i.tiers) IS NOT NULL AS tiered,
        CASE
            WHEN coalesce(k.usage_type = 'metered', i.usage_type = 'metered', FALSE) THEN 'usage'
            WHEN NOT coalesce(l.recurring, k.recurring, i.recurring, TRUE) THEN 'one_time'
            ELSE 'service' END AS sort
    FROM line AS l
    LEFT JOIN price_known AS k ON k.price_id = l.price_id
    LEFT JOIN sold AS i ON i.subscription_id = l.own_id AND i.sold_as = l.sold_as AND i.choice = 1
),
-- A whole number of months, from a day of the month to the same, or to a month's end that stands for it.
measured AS (
    SELECT
        t.*, CASE WHEN sort <> 'one_time' AND NOT coalesce(ends_at > starts_at, FALSE) THEN 'unread' ELSE sort END AS kind,
        greatest(date_diff('day', CAST(starts_at AS DATE), CAST(ends_at AS DATE)), 1) AS days,
        month_no(ends_at) - month_no(starts_at) AS months,
        month_no(ends_at) > month_no(starts_at) AND (
            day(ends_at) = day(starts_at) OR (day(ends_at) < day(starts_at) AND ends_at >= last_day(ends_at))
            OR (day(starts_at) < day(ends_at) AND starts_at >= last_day(starts_at))) AS is_whole,
        CASE WHEN unit IN ('day', 'week') THEN ends_at - to_days(CAST(units * CASE unit WHEN 'week' THEN 7 ELSE 1 END AS INTEGER))
            WHEN unit IN ('month', 'year') THEN in_month(month_no(ends_at) - units * CASE unit WHEN 'year' THEN 12 ELSE 1 END,
                day(ends_at), ends_at) END AS interval_starts_at
    FROM termed AS t
)
SELECT
    m.* EXCLUDE (sort, months, is_whole, days, recurring, proration),
    -- For part of a period, as its line says, or as its price's own interval does.
    m.proration OR coalesce(m.unit IN ('month', 'year') AND NOT m.is_whole AND m.interval_starts_at < m.starts_at, FALSE) AS is_part,
    CASE WHEN m.is_whole AND coalesce(m.unit, 'month') IN ('month', 'year') THEN m.months
        WHEN m.unit = 'week' OR (m.unit IS NULL AND m.days % 7 = 0) THEN m.days * p.week_den
        ELSE m.days * p.day_den END AS months_num,
    CASE WHEN m.is_whole AND coalesce(m.unit, 'month') IN ('month', 'year') THEN 1
        WHEN m.unit = 'week' OR (m.unit IS NULL AND m.days % 7 = 0) THEN 7 * p.week_num
        ELSE p.day_num END AS months_den,
    CASE WHEN m.is_whole AND coalesce(m.unit, 'month') IN ('month', 'year')
            THEN CASE WHEN m.months % 12 = 0 THEN 'year' ELSE 'month' END
        WHEN m.unit = 'week' OR (m.unit IS NULL AND m.days % 7 = 0) THEN 'week' ELSE 'day' END AS billed_unit,
    CASE WHEN m.is_whole AND coalesce(m.unit, 'month') IN ('month', 'year')
            THEN CASE WHEN m.months % 12 = 0 THEN m.months // 12 ELSE m.months END
        WHEN m.unit = 'week' OR (m.unit IS NULL AND m.days % 7 = 0) THEN greatest(m.days // 7, 1) ELSE m.days END AS billed_units
FROM measured AS m
CROSS JOIN policy AS p
