-- What a unit of each currency is worth in the reporting currency on a day. Grain: currency.
-- Inputs: policy, fixed_rate, rate_quote.
SELECT report_currency AS currency, CAST(1 AS HUGEINT) AS num, CAST(1 AS HUGEINT) AS den FROM policy
UNION ALL
SELECT f.currency, f.num, f.den FROM fixed_rate AS f, policy AS p WHERE p.fx_rate = 'fixed'
UNION ALL
SELECT q.currency, q.num, q.den
FROM rate_quote AS q, policy AS p
WHERE p.fx_rate <> 'fixed' AND q.currency <> p.report_currency AND q.day <= $on_day AND coalesce(q.until_day > $on_day, TRUE)
