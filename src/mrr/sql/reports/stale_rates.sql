-- Currencies whose last exchange rate is older than `fx.stale` days at $as_of (DESIGN §12, F4), in use or not.
-- Grain: currency. Inputs: rate_quote, policy, utc_offset.
WITH today AS (
    SELECT CAST($as_of + to_seconds(o.seconds) AS DATE) AS day
    FROM utc_offset AS o
    WHERE $as_of >= o.starts_at AND $as_of < o.ends_at
)
SELECT q.currency
FROM rate_quote AS q
CROSS JOIN today AS t
CROSS JOIN policy AS p
WHERE p.fx_rate = 'month_end' AND q.day <= t.day
GROUP BY q.currency, t.day, p.fx_stale
HAVING date_diff('day', max(q.stated_on), t.day) > p.fx_stale
ORDER BY q.currency
