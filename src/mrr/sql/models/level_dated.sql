-- Levels in other currencies with the rate of one day: that of the item's first level under `locked_at_start`, of the last
-- one that changed it under `effective_day` (A29, A30). Grain: level. Inputs: level, utc_offset, rate_quote, policy.
-- Only where: SELECT 1 FROM policy WHERE fx_rate IN ('effective_day', 'locked_at_start').
WITH turned AS (
    -- A transfer to another customer is no change of the item (A29).
    SELECT
        l.*, lag(ends_at) OVER life IS NOT DISTINCT FROM starts_at AND lag(offer) OVER life = offer
        AND lag(quantity) OVER life = quantity AND lag(num) OVER life = num AND lag(den) OVER life = den AS goes_on,
        p.fx_rate = 'locked_at_start' AS locked
    FROM level AS l
    CROSS JOIN policy AS p
    WHERE l.currency <> p.report_currency AND p.fx_rate IN ('effective_day', 'locked_at_start')
    WINDOW life AS (PARTITION BY subscription_id, item_id ORDER BY starts_at)
),
dated AS (
    SELECT
        t.* EXCLUDE (goes_on, locked),
        CASE WHEN locked THEN first_value(starts_at) OVER so_far
            ELSE last_value(CASE WHEN NOT goes_on THEN starts_at END IGNORE NULLS) OVER so_far END AS valued_at
    FROM turned AS t
    WINDOW so_far AS (PARTITION BY subscription_id, item_id ORDER BY starts_at
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
SELECT d.* EXCLUDE (valued_at), q.num AS rate_num, q.den AS rate_den
FROM dated AS d
JOIN utc_offset AS o ON d.valued_at >= o.starts_at AND d.valued_at < o.ends_at
JOIN rate_quote AS q
    ON q.currency = d.currency AND CAST(d.valued_at + to_seconds(o.seconds) AS DATE) >= q.day
    AND CAST(d.valued_at + to_seconds(o.seconds) AS DATE) < coalesce(q.until_day, DATE '9999-12-31')
