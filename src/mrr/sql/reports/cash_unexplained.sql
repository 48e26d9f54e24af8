-- Payouts, or the parts of them, that nothing explains: by so much they took the balance below nothing, or lower than
-- payouts had before. Grain: payout. Inputs: cash_balance, cash_payout. Where the balance began with a payout, what was
-- on its way then is not known; so nothing is said of the $days days after it.
WITH sunk AS (
    SELECT
        *, lag(low_micros, 1, 0) OVER (
            PARTITION BY source, currency ORDER BY moved_at, is_payout, moved_id
        ) - low_micros AS excess_micros
    FROM cash_balance
)
SELECT s.source, s.moved_id AS payout_id, p.currency, p.seq, p.amount_micros, p.sent_at, s.excess_micros
FROM sunk AS s
JOIN cash_payout AS p ON p.payout_id = s.moved_id AND p.currency = s.currency
WHERE s.is_payout AND s.excess_micros > 0 AND s.moved_at >= $first AND s.moved_at <= $at
    AND (s.known_from IS NULL OR s.moved_at > s.known_from + to_days($days))
