-- What each item of a customer who differs is worth at the end of each month shown, and since when. Grain: item × month.
-- Inputs: seen_value, level, $shut (the ends of the months shown).
SELECT
    e.in_month, v.customer_id, v.subscription_id, v.item_id, CAST(sum(v.local_micros) AS BIGINT) AS local_micros,
    CAST(sum(v.reporting_micros) AS BIGINT) AS reporting_micros, max(l.starts_at) AS level_from
FROM seen_value AS v
JOIN $shut AS e ON v.starts_at < e.closes_at AND v.ends_at >= e.closes_at
LEFT JOIN ledger.level AS l
    ON l.customer_id = v.customer_id AND l.subscription_id = v.subscription_id AND l.item_id = v.item_id
    AND l.starts_at < e.closes_at AND l.ends_at >= e.closes_at
GROUP BY e.in_month, v.customer_id, v.subscription_id, v.item_id
