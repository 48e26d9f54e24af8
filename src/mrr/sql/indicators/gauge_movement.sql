-- How much has moved up to now, by class: counts and sizes that only grow. Grain: class. Input: ledger.movement.
SELECT class, count(*) AS moves, coalesce(CAST(sum(abs(amount_micros)) AS BIGINT), 0) AS amount
FROM ledger.movement
WHERE opens_at < $at
GROUP BY class
ORDER BY class
