-- What each price id stands for. Grain: price. Input: price. The latest statement holds; ties fall to the lowest digest.
SELECT * EXCLUDE (choice)
FROM (
    SELECT p.*, row_number() OVER (
        PARTITION BY price_id ORDER BY coalesce(effective_at, TIMESTAMP '1970-01-01') DESC, digest, fact_id) AS choice
    FROM price AS p
)
WHERE choice = 1
