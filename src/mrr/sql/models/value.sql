-- Levels in the reporting currency. Grain: level × stretch of one rate, half-open, cut off at the horizon (A2).
-- Inputs: level, level_dated, rate_period, currency_step, policy, horizon. A level without a rate is pending: no row,
-- never 0. `enters_by` and `leaves_by` say whether the level or only the rate changes there.
WITH rated AS (
    SELECT
        l.*, greatest(l.starts_at, r.starts_at) AS rate_starts_at, least(l.ends_at, r.ends_at) AS rate_ends_at,
        r.num AS rate_num, r.den AS rate_den
    FROM level AS l
    JOIN rate_period AS r ON r.currency = l.currency AND r.starts_at < l.ends_at AND r.ends_at > l.starts_at
    UNION ALL BY NAME
    SELECT *, starts_at AS rate_starts_at, ends_at AS rate_ends_at FROM level_dated
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
