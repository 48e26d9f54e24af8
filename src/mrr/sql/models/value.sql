-- Levels in the reporting currency. Grain: level × stretch of one rate, half-open, cut off at the horizon (A2).
-- Inputs: level, rate_quote, rate_period, fixed_rate, utc_offset, currency_step, policy, horizon. A level without a
-- rate is pending: no row, never 0. `enters_by` and `leaves_by` say whether the level or only the rate changes there.
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
),
rated AS (
    SELECT l.*, l.starts_at AS rate_starts_at, l.ends_at AS rate_ends_at, CAST(1 AS HUGEINT) AS rate_num, CAST(1 AS HUGEINT) AS rate_den
    FROM level AS l JOIN policy AS p ON l.currency = p.report_currency
    UNION ALL
    SELECT l.*, greatest(l.starts_at, r.starts_at), least(l.ends_at, r.ends_at), r.num, r.den
    FROM level AS l
    JOIN policy AS p ON l.currency <> p.report_currency AND p.fx_rate = 'month_end'
    JOIN rate_period AS r ON r.currency = l.currency AND r.starts_at < l.ends_at AND r.ends_at > l.starts_at
    UNION ALL
    SELECT l.*, l.starts_at, l.ends_at, f.num, f.den
    FROM level AS l
    JOIN policy AS p ON l.currency <> p.report_currency AND p.fx_rate = 'fixed'
    JOIN fixed_rate AS f ON f.currency = l.currency
    UNION ALL
    SELECT d.* EXCLUDE (valued_at), d.starts_at, d.ends_at, q.num, q.den
    FROM dated AS d
    JOIN utc_offset AS o ON d.valued_at >= o.starts_at AND d.valued_at < o.ends_at
    JOIN rate_quote AS q
        ON q.currency = d.currency AND CAST(d.valued_at + to_seconds(o.seconds) AS DATE) >= q.day
        AND CAST(d.valued_at + to_seconds(o.seconds) AS DATE) < coalesce(q.until_day, DATE '9999-12-31')
)
SELECT
    r.* EXCLUDE (starts_at, ends_at, rate_starts_at, rate_ends_at), r.rate_starts_at AS starts_at,
    CASE WHEN r.rate_ends_at >= z.turns_at THEN open_end() ELSE r.rate_ends_at END AS ends_at,
    r.rate_starts_at = r.starts_at AS enters_by_level, r.rate_ends_at = r.ends_at AS leaves_by_level,
    settle(r.num * r.rate_num, r.den * r.rate_den, c.step) AS reporting_micros
FROM rated AS r
CROSS JOIN policy AS p
CROSS JOIN horizon AS z
JOIN currency_step AS c ON c.currency = p.report_currency
WHERE r.rate_starts_at < z.turns_at
