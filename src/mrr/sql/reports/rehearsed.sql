-- How many movements of each class an import would add and take away, and by how much the class would change.
-- `before` holds the movements as they were; one that changes is taken away and added anew.
WITH was AS (
    SELECT movement_id, class, amount_micros FROM before WHERE opens_at < $as_of
),
becomes AS (
    SELECT movement_id, class, amount_micros FROM ledger.movement WHERE opens_at < $as_of
),
moved AS (
    SELECT class, 1 AS added, 0 AS removed, amount_micros FROM (FROM becomes EXCEPT FROM was)
    UNION ALL
    SELECT class, 0, 1, -amount_micros FROM (FROM was EXCEPT FROM becomes)
)
SELECT class, CAST(sum(added) AS BIGINT), CAST(sum(removed) AS BIGINT), CAST(sum(amount_micros) AS BIGINT)
FROM moved
GROUP BY class
ORDER BY class
