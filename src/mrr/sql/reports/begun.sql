-- The local day of the first movement of all, of the whole ledger whatever as_of. Input: ledger.rolled_up.
SELECT min(on_day)
FROM (
    SELECT on_day FROM ledger.rolled_up WHERE kind = 'total' GROUP BY on_day HAVING sum(moves) > 0
)
