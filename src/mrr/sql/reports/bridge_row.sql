-- In what each step of a bridge changes what moved. Grain: step × month × customer × class; rows that differ alone.
-- Inputs: cell, $hop (which two ledgers a step leads between, customer by customer).
WITH side AS (
    SELECT h.step_no, FALSE AS is_after, c.*
    FROM $hop AS h
    JOIN cell AS c ON c.ledger_no = h.before_no AND c.customer_id = h.customer_id
    UNION ALL
    SELECT h.step_no, TRUE, c.*
    FROM $hop AS h
    JOIN cell AS c ON c.ledger_no = h.after_no AND c.customer_id = h.customer_id
)
SELECT
    step_no, in_month, customer_id, class,
    CAST(coalesce(sum(amount_micros) FILTER (NOT is_after), 0) AS BIGINT) AS before_micros,
    CAST(coalesce(sum(amount_micros) FILTER (is_after), 0) AS BIGINT) AS after_micros,
    CAST(coalesce(sum(moves) FILTER (NOT is_after), 0) AS BIGINT) AS before_moves,
    CAST(coalesce(sum(moves) FILTER (is_after), 0) AS BIGINT) AS after_moves,
    any_value(movement_ids) FILTER (NOT is_after) AS movements_before,
    any_value(movement_ids) FILTER (is_after) AS movements_after
FROM side
GROUP BY step_no, in_month, customer_id, class
HAVING before_micros <> after_micros OR before_moves <> after_moves
