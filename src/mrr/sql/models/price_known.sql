-- What each price id stands for. Grain: price. Inputs: price, set_aside. The latest statement that names an amount holds (webhooks
-- leave tiers out); ties fall to the lowest digest.
SELECT * EXCLUDE (choice)
FROM (
    SELECT p.*, row_number() OVER (
        PARTITION BY price_id ORDER BY unit_num IS NULL AND tiers IS NULL,
            coalesce(effective_at, TIMESTAMP '1970-01-01') DESC, digest, fact_id) AS choice
    FROM price AS p ANTI JOIN set_aside AS x ON x.seq = p.seq
)
WHERE choice = 1
