-- When a customer without MRR is still a customer, gaps bridged. Grain: reason × stretch, half-open.
-- Inputs: hold_uncarried, carry, horizon.
-- Only where: hold_uncarried.
SELECT
    h.customer_id, h.starts_at,
    CASE WHEN coalesce(g.ends_at, h.ends_at) >= z.turns_at THEN open_end() ELSE coalesce(g.ends_at, h.ends_at) END AS ends_at
FROM hold_uncarried AS h
CROSS JOIN horizon AS z
LEFT JOIN carry AS g ON g.customer_id = h.customer_id AND g.starts_at <= h.ends_at AND g.ends_at > h.ends_at
WHERE h.starts_at < z.turns_at
