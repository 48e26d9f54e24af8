-- Every change of a month, pause, credit and partial month, and whether it is classified. Grain: kind × what it is about.
-- Inputs: seen_line, subscription_fact, subscription_listed, invoice, invoice_line, period, policy. $keep: pauses count on;
-- $by_invoice: levels come from service periods; $gap: days for which a lost level is carried.
WITH paused AS (
    SELECT
        f.subscription_id, f.effective_at, f.resumes_at, f.paused OR f.status = 'paused' AS is_paused,
        coalesce(lead(f.effective_at) OVER life, open_end()) AS next_at,
        coalesce(lag(f.paused OR f.status = 'paused') OVER life, FALSE) AS was_paused
    FROM subscription_fact AS f
    WHERE f.stands
    WINDOW life AS (PARTITION BY f.subscription_id ORDER BY f.effective_at, f.ordinal, f.fact_id)
)
SELECT
    'change' AS kind, l.subscription_id || ' ' || l.item_id AS subject,
    l.status_cause IS NOT NULL OR coalesce(l.offer_micros, 0) + coalesce(l.quantity_micros, 0) + l.discount_micros = l.flow_micros AS ok
FROM seen_line AS l
JOIN period AS p ON l.opens_at >= p.opens_at AND l.opens_at < p.ends_at
WHERE l.in_flow OR l.flow_micros <> 0
UNION ALL
SELECT
    'pause', b.subscription_id, $keep OR l.subscription_id IS NULL OR l.mrr_micros = 0 OR b.next_at < p.ends_at
        OR b.resumes_at < p.ends_at OR b.effective_at > p.ends_at - to_days(CAST($gap AS INTEGER))
FROM paused AS b
JOIN period AS p ON b.effective_at >= p.opens_at AND b.effective_at < p.ends_at
LEFT JOIN subscription_listed AS l ON l.subscription_id = b.subscription_id
WHERE b.is_paused AND NOT b.was_paused
UNION ALL
SELECT DISTINCT
    CASE WHEN i.credit_note OR l.amount_micros < 0 THEN 'credit' ELSE 'partial month' END, i.invoice_id || ' ' || l.line_id,
    NOT $by_invoice OR (l.starts_at IS NOT NULL AND l.ends_at IS NOT NULL)
FROM invoice AS i
JOIN invoice_line AS l ON l.fact_id = i.fact_id
JOIN period AS p ON i.effective_at >= p.opens_at AND i.effective_at < p.ends_at
WHERE i.credit_note OR l.amount_micros < 0 OR l.proration
