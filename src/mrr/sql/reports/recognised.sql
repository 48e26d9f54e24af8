-- What the lines of invoices bill, with the local days of their service, each a member of the instant at which it begins.
-- Grain: invoice × line with a service period. Inputs: invoice_sold, utc_offset, rate_quote, fixed_rate, policy, excluded, report.
WITH dated AS (
    SELECT
        l.*, CAST(l.starts_at + to_seconds(s.seconds) AS DATE) AS opens_on,
        greatest(CAST(l.ends_at + to_seconds(e.seconds) AS DATE), CAST(l.starts_at + to_seconds(s.seconds) AS DATE) + 1) AS closes_on
    FROM invoice_sold AS l
    JOIN report AS r ON l.starts_at < r.as_of
    JOIN utc_offset AS s ON l.starts_at >= s.starts_at AND l.starts_at < s.ends_at
    JOIN utc_offset AS e ON l.ends_at >= e.starts_at AND l.ends_at < e.ends_at
    WHERE l.kind IN ('service', 'usage')
)
SELECT
    d.customer_id, d.subscription_id, d.item_id, d.starts_at, d.starts_at + INTERVAL 1 MICROSECOND AS ends_at, d.product_id,
    d.price_id, d.currency, d.billed_unit AS unit, d.billed_units AS units, CAST(NULL AS VARCHAR) AS trait, d.kind, d.opens_on,
    d.closes_on, d.net_micros, CASE WHEN d.currency = p.report_currency THEN 1 ELSE coalesce(f.num, q.num) END AS rate_num,
    CASE WHEN d.currency = p.report_currency THEN 1 ELSE coalesce(f.den, q.den) END AS rate_den
FROM dated AS d
CROSS JOIN policy AS p
LEFT JOIN fixed_rate AS f ON p.fx_rate = 'fixed' AND f.currency = d.currency
LEFT JOIN rate_quote AS q
    ON p.fx_rate <> 'fixed' AND q.currency = d.currency AND d.opens_on >= q.day
    AND d.opens_on < coalesce(q.until_day, DATE '9999-12-31')
WHERE d.customer_id NOT IN (SELECT customer_id FROM ledger.excluded)
    AND (d.currency = p.report_currency OR f.num IS NOT NULL OR q.num IS NOT NULL)
