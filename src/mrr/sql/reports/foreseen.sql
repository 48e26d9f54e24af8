-- The levels that are seen, and those that the ledger knows to begin later. Grain: value row, as member.
-- Inputs: seen_value, value, subscription_fact, outcome, report. `known_at`: when the snapshot behind a level took effect,
-- or was recorded, whichever came first.
SELECT
    v.customer_id, v.subscription_id, v.item_id, v.starts_at, v.ends_at, v.reporting_micros,
    v.product_id, v.price_id, v.currency, v.unit, v.units, CAST(NULL AS VARCHAR) AS trait,
    least(f.effective_at, o.recorded_at) AS known_at
FROM (
    SELECT * FROM seen_value
    UNION ALL BY NAME
    SELECT l.* FROM ledger.value AS l JOIN report AS r ON l.starts_at >= r.as_of
) AS v
JOIN subscription_fact AS f ON f.fact_id = v.version_id // 2
JOIN outcome AS o ON o.seq = f.seq
