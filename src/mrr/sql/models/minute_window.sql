-- The windows of some minutes: one opens with the first change that no earlier one holds; follow the pointers from the first.
-- Grain: customer × window. Inputs: instant, policy.
-- Only where: SELECT 1 FROM policy WHERE netting = 'minutes'.
WITH RECURSIVE pointer AS (
    SELECT f.customer_id, f.turns_at, f.window_ends_at, min(g.turns_at) AS next_at
    FROM instant AS f
    JOIN policy AS p ON p.netting = 'minutes'
    LEFT JOIN instant AS g ON g.customer_id = f.customer_id AND g.turns_at >= f.window_ends_at
    GROUP BY f.customer_id, f.turns_at, f.window_ends_at
),
opening AS (
    SELECT q.customer_id, q.turns_at, q.window_ends_at, q.next_at
    FROM pointer AS q
    SEMI JOIN (SELECT customer_id, min(turns_at) AS turns_at FROM pointer GROUP BY customer_id) AS f
        ON f.customer_id = q.customer_id AND f.turns_at = q.turns_at
    UNION ALL
    SELECT q.customer_id, q.turns_at, q.window_ends_at, q.next_at
    FROM opening AS o
    JOIN pointer AS q ON q.customer_id = o.customer_id AND q.turns_at = o.next_at
)
SELECT customer_id, turns_at AS window_starts_at, window_ends_at FROM opening
