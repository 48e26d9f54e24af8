-- The first billing boundary of an item at or after an instant. Grain: version × item × instant asked for.
-- Inputs: discount_cover, phase, item_version, policy. Periods beyond the known one follow the item's own interval from
-- its end, the larger of the two known days of month being the anchor, clamped to the month (A17).
-- Only where: discount_cover or SELECT 1 FROM policy WHERE churn_at = 'paid_through'.
WITH asked AS (
    SELECT version_id, item_id, aims_at FROM discount_cover WHERE aims_at < open_end()
    UNION
    SELECT p.alive_version_id, i.item_id, p.lapsed_at
    FROM phase AS p
    JOIN policy AS q ON q.churn_at = 'paid_through'
    JOIN item_version AS i ON i.version_id = p.alive_version_id
    WHERE p.state = 'ended' AND p.lapsed_from = 'active'
),
stepped AS (
    SELECT
        a.*, i.unit IN ('day', 'week') AS by_days, CASE i.unit WHEN 'week' THEN 7 * i.units ELSE i.units END AS days,
        CASE i.unit WHEN 'year' THEN 12 * i.units ELSE i.units END AS months, 
        i.period_starts_at AS known_from, i.period_ends_at AS known_at,
        month_no(i.period_ends_at) AS known_no, greatest(day(i.period_starts_at), day(i.period_ends_at)) AS anchor
    FROM asked AS a
    JOIN item_version AS i ON i.version_id = a.version_id AND i.item_id = a.item_id
    WHERE i.period_ends_at IS NOT NULL AND i.unit IS NOT NULL AND i.units <= 1000
),
counted AS (
    SELECT
        s.*, known_no + floor_div(month_no(aims_at) - known_no, months) * months AS this_no,
        floor_div(date_diff('microsecond', aims_at, known_at), days * 86400000000) * days AS days_back
    FROM stepped AS s
),
candidate AS (
    SELECT
        c.*, CASE WHEN this_no = known_no THEN known_at ELSE in_month(this_no, anchor, known_at) END AS this_at,
        CASE WHEN this_no + months = known_no THEN known_at ELSE in_month(this_no + months, anchor, known_at) END AS next_at
    FROM counted AS c
)
SELECT
    version_id, item_id, aims_at,
    -- The known period begins with a boundary, however long the item's interval is.
    least(CASE WHEN aims_at <= known_from THEN known_from ELSE open_end() END, CASE
        WHEN aims_at > known_from AND aims_at <= known_at THEN known_at
        WHEN by_days THEN known_at - to_days(CAST(days_back AS INTEGER))
        WHEN this_at >= aims_at THEN this_at
        ELSE next_at
    END) AS boundary_at
FROM candidate
