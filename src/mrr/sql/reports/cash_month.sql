-- By source, currency and month since $first: what was charged, went back, was kept as fees and was sent to the bank.
-- Grain: source, currency, month. Inputs: cash_line, cash_payout. Only where a payout is known.
WITH moved AS (
    SELECT source, currency, happened_at AS moved_at, kind, gross_micros, fee_micros, 0 AS sent_micros, told FROM cash_line
    UNION ALL
    SELECT source, currency, sent_at, 'payout', 0, 0, amount_micros, TRUE FROM cash_payout WHERE outcome IN ('paid', 'pending')
)
SELECT
    source, currency, CAST(date_trunc('month', moved_at) AS DATE) AS month,
    CAST(coalesce(sum(gross_micros) FILTER (WHERE kind = 'charge'), 0) AS BIGINT) AS charged_micros,
    CAST(coalesce(sum(gross_micros) FILTER (WHERE kind IN ('refund', 'dispute')), 0) AS BIGINT) AS back_micros,
    CAST(coalesce(sum(CASE kind WHEN 'fee' THEN gross_micros ELSE 0 END - fee_micros), 0) AS BIGINT) AS fee_micros,
    CAST(coalesce(sum(gross_micros) FILTER (WHERE kind = 'other'), 0) AS BIGINT) AS other_micros,
    CAST(sum(sent_micros) AS BIGINT) AS sent_micros,
    count(*) FILTER (WHERE NOT told) AS untold
FROM moved
WHERE moved_at >= $first AND moved_at <= $at
    AND (source, currency) IN (SELECT (source, currency) FROM cash_payout)
GROUP BY source, currency, date_trunc('month', moved_at)
ORDER BY source, currency, month
