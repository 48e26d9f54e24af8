-- What moved in a ledger for the customers who differ: what a bridge compares. Grain: month × customer × class.
-- Inputs: seen_movement, $scope. What moved before $first is that month's opening; what moves after $last is left out.
SELECT
    CAST($number AS INTEGER) AS ledger_no, in_month, customer_id, class, CAST(sum(amount_micros) AS BIGINT) AS amount_micros,
    CAST(sum(moves) AS BIGINT) AS moves, list(movement_id ORDER BY movement_id) FILTER (class <> 'opening') AS movement_ids
FROM (
    SELECT
        greatest(make_date(year(m.on_day), month(m.on_day), 1), $first) AS in_month, m.customer_id,
        CASE WHEN m.on_day < $first THEN 'opening' ELSE m.class END AS class, m.amount_micros,
        CASE WHEN m.on_day < $first THEN 0 ELSE 1 END AS moves, m.movement_id
    FROM seen_movement AS m
    SEMI JOIN $scope AS s ON s.customer_id = m.customer_id
    WHERE m.on_day < $until
)
GROUP BY in_month, customer_id, class
