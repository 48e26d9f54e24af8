-- The customers for whom something changed on the days that as_of may cut. Grain: customer. Inputs: seen_change, cut_on.
SELECT DISTINCT c.customer_id, c.shelf
FROM seen_change AS c
JOIN cut_on AS d ON c.turns_at >= d.starts_at
