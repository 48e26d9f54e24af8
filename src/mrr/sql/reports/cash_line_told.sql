-- The lines of the providers' balances, each as it was last told. Grain: line. Input: balance_line.
SELECT *, effective_at AS happened_at
FROM balance_line
QUALIFY row_number() OVER (PARTITION BY line_id ORDER BY effective_at DESC, digest, fact_id) = 1
