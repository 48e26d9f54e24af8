-- Per customer: each movement takes the running total from the one before to its own (invariant 1).
SELECT *
FROM (
    SELECT
        movement_id, customer_id, amount_micros, mrr_after_micros,
        coalesce(lag(mrr_after_micros) OVER (PARTITION BY customer_id ORDER BY window_starts_at, is_fx), 0) AS before_micros
    FROM ledger.movement
)
WHERE before_micros + amount_micros <> mrr_after_micros
