-- What moved on which local day: small, whatever the number of customers. Grain: group × day × class. Input: moved.
-- `customers` and `payers` are by how much the number of customers, and of those with MRR > 0, changed.
SELECT
    trait, on_day, class, CAST(sum(amount_micros) AS BIGINT) AS amount_micros, CAST(sum(customers) AS BIGINT) AS customers,
    CAST(sum(CAST(after_micros > 0 AS INTEGER) - CAST(before_micros > 0 AS INTEGER)) AS BIGINT) AS payers,
    count(*) AS moves
FROM moved
GROUP BY trait, on_day, class
