-- The levels that are seen, and those that the ledger knows to begin later. Grain: value row, as member.
-- Inputs: seen_value, value, subscription_fact, outcome, report, policy; on basis `invoice` invoice_sold, invoice_standing,
-- invoice. `known_at`: when the snapshot behind a level took effect, or was recorded, whichever came first; on basis
-- `invoice` when the first invoice that bills its subscription for the instant at which it begins was final, or recorded.
WITH level AS (
    SELECT * FROM seen_value
    UNION ALL BY NAME
    SELECT l.* FROM ledger.value AS l JOIN report AS r ON l.starts_at >= r.as_of
),
billing AS (
    SELECT d.document_id, least(any_value(d.final_at), min(o.recorded_at)) AS known_at
    FROM temp.invoice_standing AS d
    JOIN invoice AS i ON i.document_id = d.document_id AND NOT i.credit_note
    JOIN outcome AS o ON o.seq = i.seq
    GROUP BY d.document_id
),
billed AS (
    SELECT v.subscription_id, v.starts_at, min(b.known_at) AS known_at
    FROM (SELECT DISTINCT subscription_id, starts_at FROM level) AS v
    JOIN temp.invoice_sold AS s ON s.subscription_id = v.subscription_id AND s.starts_at <= v.starts_at AND s.ends_at > v.starts_at
    JOIN billing AS b ON b.document_id = s.document_id
    GROUP BY v.subscription_id, v.starts_at
)
SELECT
    v.customer_id, v.subscription_id, v.item_id, v.starts_at, v.ends_at, v.reporting_micros,
    v.product_id, v.price_id, v.currency, v.unit, v.units, CAST(NULL AS VARCHAR) AS trait,
    CASE WHEN p.basis = 'invoice' THEN b.known_at ELSE least(f.effective_at, o.recorded_at) END AS known_at
FROM level AS v
CROSS JOIN policy AS p
LEFT JOIN subscription_fact AS f ON f.fact_id = v.version_id // 2
LEFT JOIN outcome AS o ON o.seq = f.seq
LEFT JOIN billed AS b ON b.subscription_id = v.subscription_id AND b.starts_at = v.starts_at
