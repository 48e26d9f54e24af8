-- The entry whose facts are in force for a subscription at an instant; of a correction, the one that it is laid over.
-- Grain: one entry. Inputs: subscription_fact, corrected.
SELECT coalesce(k.entry_seq, f.seq)
FROM subscription_fact AS f
LEFT JOIN corrected AS k ON k.seq = f.seq
WHERE f.subscription_id = $subscription AND f.shelf = shelf($subscription) AND f.stands AND f.effective_at <= $at
ORDER BY f.effective_at DESC, f.ordinal DESC, f.fact_id DESC
LIMIT 1
