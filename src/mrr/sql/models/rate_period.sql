-- Which rate is in force when, whatever the level: that of the month, the fixed one, and 1 for the reporting currency.
-- Grain: currency × stretch of one rate, half-open. Inputs: rate_quote, fixed_rate, calendar, policy. Month M's rate is
-- the latest on or before its last local day and takes force at the midnight that begins that day (A26); it is stale when
-- it is older than fx.stale days.
WITH month_rate AS (
    SELECT
        q.currency, c.day, c.starts_at, q.num, q.den, date_diff('day', q.stated_on, c.day) > p.fx_stale AS stale,
        lag(q.num) OVER life IS NOT DISTINCT FROM q.num AND lag(q.den) OVER life IS NOT DISTINCT FROM q.den AS goes_on
    FROM rate_quote AS q
    CROSS JOIN policy AS p
    JOIN calendar AS c ON c.day = last_day(c.day) AND c.day >= q.day AND c.day < coalesce(q.until_day, q.day + 32)
    WHERE p.fx_rate = 'month_end' AND q.currency <> p.report_currency
    WINDOW life AS (PARTITION BY q.currency ORDER BY c.day)
)
SELECT
    currency, num, den, stale, starts_at, coalesce(lead(starts_at) OVER (PARTITION BY currency ORDER BY starts_at), open_end())
        AS ends_at
FROM month_rate
WHERE NOT goes_on
UNION ALL
SELECT f.currency, f.num, f.den, FALSE, TIMESTAMP '0001-01-01', open_end()
FROM fixed_rate AS f
JOIN policy AS p ON p.fx_rate = 'fixed' AND f.currency <> p.report_currency
UNION ALL
SELECT report_currency, 1, 1, FALSE, TIMESTAMP '0001-01-01', open_end() FROM policy
