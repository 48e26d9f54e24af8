-- Currencies in use whose last exchange rate is older than `fx.stale` days at $as_of (DESIGN §12, F4). Grain: currency.
-- Inputs: value, rate_quote, policy, utc_offset.
WITH today AS (
    SELECT CAST($as_of + to_seconds(o.seconds) AS DATE) AS day
    FROM utc_offset AS o
    WHERE $as_of >= o.starts_at AND $as_of < o.ends_at
)
SELECT v.currency
FROM (
    SELECT DISTINCT currency FROM ledger.value WHERE starts_at < $as_of AND ends_at >= $as_of
) AS v
CROSS JOIN today AS t
CROSS JOIN policy AS p
JOIN rate_quote AS q ON q.currency = v.currency AND q.day <= t.day
WHERE p.fx_rate = 'month_end'
GROUP BY v.currency, t.day, p.fx_stale
HAVING date_diff('day', max(q.stated_on), t.day) > p.fx_stale
ORDER BY v.currency
