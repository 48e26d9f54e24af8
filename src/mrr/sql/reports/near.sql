-- The customers for whom as_of cuts its day (its month, where windows are months): something changes behind it.
-- Grain: customer. Inputs: ledger.change, cut_on.
SELECT DISTINCT c.customer_id, c.shelf
FROM ledger.change AS c
JOIN cut_on AS d ON c.turns_at >= d.as_of AND c.turns_at < d.ends_at
