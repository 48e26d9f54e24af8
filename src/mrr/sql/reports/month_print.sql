-- The fingerprint of each month's movements: equal prints, equal months, whatever the order. Grain: local month.
-- Input: ledger.movement. $until: the first day that is left out.
SELECT
    CAST(date_trunc('month', on_day) AS DATE) AS month,
    bit_xor(md5_number_lower(concat_ws('|', movement_id, on_day, class, amount_micros, mrr_after_micros, state_after))) AS print
FROM ledger.movement
WHERE on_day < $until
GROUP BY 1
ORDER BY 1
