-- Payouts whose own lines come to something else than was sent. Grain: payout. Input: cash_payout.
SELECT * FROM cash_payout
WHERE held_micros IS NOT NULL AND held_micros <> amount_micros AND outcome IN ('paid', 'pending')
    AND sent_at >= $first AND sent_at <= $at
