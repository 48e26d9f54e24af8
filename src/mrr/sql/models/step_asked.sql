-- The pairs of bills between which offer and quantity must be told apart (A16). Grain: line whose bill is not plain.
-- Inputs: line_valued, change, bill.
-- Only where: bill.
WITH asked AS (
    SELECT l.customer_id, l.subscription_id, l.item_id, l.window_starts_at, w.window_ends_at,
        least(w.opens_at, l.told_before_at) AS looks_at
    FROM line_valued AS l
    JOIN (
        SELECT customer_id, window_starts_at, min(turns_at) AS opens_at, max(window_ends_at) AS window_ends_at
        FROM change GROUP BY ALL
    ) AS w
        ON w.customer_id = l.customer_id AND w.window_starts_at = l.window_starts_at
    WHERE l.was AND l.remains AND (l.offer_changed OR l.quantity_changed)
)
SELECT a.customer_id, a.subscription_id, a.item_id, a.window_starts_at, b.bill AS bill_before, c.bill AS bill_after
FROM asked AS a
CROSS JOIN horizon AS z
JOIN bill AS b
    ON b.subscription_id = a.subscription_id AND b.starts_at < a.looks_at AND b.ends_at >= a.looks_at
JOIN bill AS c
    ON c.subscription_id = a.subscription_id AND c.starts_at < least(a.window_ends_at, z.turns_at)
    AND c.ends_at >= least(a.window_ends_at, z.turns_at)
