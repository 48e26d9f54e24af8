-- Customers for whom $as_of falls inside a netting window: what they look like then must be derived up to there.
SELECT customer_id
FROM ledger.change
WHERE window_starts_at < $as_of AND window_ends_at > $as_of
GROUP BY customer_id, window_starts_at
HAVING min(turns_at) < $as_of AND max(turns_at) >= $as_of
