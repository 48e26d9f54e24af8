-- Payouts on their way since before $due. Grain: payout. Input: cash_payout.
SELECT * FROM cash_payout WHERE outcome = 'pending' AND sent_at <= $due
