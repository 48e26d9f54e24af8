-- What each coupon id stands for. Grain: coupon. Inputs: coupon, set_aside. The latest statement holds; ties to the lowest digest.
SELECT * EXCLUDE (choice)
FROM (
    SELECT c.*, row_number() OVER (
        PARTITION BY coupon_id ORDER BY coalesce(effective_at, TIMESTAMP '1970-01-01') DESC, digest, fact_id) AS choice
    FROM coupon AS c ANTI JOIN set_aside AS x ON x.seq = c.seq
)
WHERE choice = 1
