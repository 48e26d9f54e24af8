-- When a customer without MRR is still a customer, held at 0 (A39). Grain: reason × stretch, half-open.
-- Inputs: level_uncarried, standing, policy.
-- Only where: SELECT 1 FROM policy WHERE zero = 'hold' OR paused = 'contraction'.
SELECT l.customer_id, l.starts_at, l.ends_at
FROM level_uncarried AS l
CROSS JOIN policy AS p
WHERE p.zero = 'hold'
UNION ALL
SELECT s.customer_id, s.starts_at, s.ends_at
FROM standing AS s
CROSS JOIN policy AS p
WHERE p.paused = 'contraction' AND s.state = 'paused'
    AND s.customer_id IN (SELECT customer_id FROM scope_customer)
    AND s.customer_id NOT IN (SELECT customer_id FROM excluded)
