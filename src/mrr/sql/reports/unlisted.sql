-- Subscriptions that were last seen active, and are neither on the list nor pending. Grain: subscription.
-- Inputs: subscription_listed, standing_snapshot, ledger.pending. Most of them have nothing that counts, such as usage.
SELECT s.subscription_id, s.customer_id
FROM standing_snapshot AS s
ANTI JOIN subscription_listed AS l ON l.subscription_id = s.subscription_id
ANTI JOIN ledger.pending AS p ON p.subscription_id = s.subscription_id AND p.starts_at < $as_of
WHERE s.effective_at < $as_of AND s.next_at >= $as_of AND s.status IN ('active', 'past_due')
