-- Per customer: the last movement's running total is the sum of what its items are worth then (invariant 1).
SELECT coalesce(w.customer_id, v.customer_id) AS customer_id, w.after_micros, v.value_micros
FROM (
    SELECT customer_id, arg_max(after_micros, window_starts_at) AS after_micros FROM ledger.customer_window GROUP BY customer_id
) AS w
FULL JOIN (
    SELECT customer_id, sum(reporting_micros) AS value_micros
    FROM ledger.value
    WHERE ends_at >= open_end()
    GROUP BY customer_id
) AS v ON v.customer_id = w.customer_id
WHERE coalesce(w.after_micros, 0) <> coalesce(v.value_micros, 0)
