-- What each customer is worth at the end of each period. Grain: period × group × customer with MRR > 0.
-- Inputs: spine, member.
SELECT s.period_starts_on, s.trait, m.customer_id, CAST(sum(m.reporting_micros) AS BIGINT) AS micros
FROM spine AS s
JOIN member AS m ON m.trait IS NOT DISTINCT FROM s.trait AND m.starts_at < s.ends_at AND m.ends_at >= s.ends_at
GROUP BY s.period_starts_on, s.trait, m.customer_id
HAVING sum(m.reporting_micros) > 0
