-- Whether the state that a change of a subscription names as the one before it was ever told: else something between
-- was missed (F1). Grain: change. Input: subscription_fact. $since, $until: of which instants.
WITH changed AS (
    SELECT * FROM subscription_fact WHERE prior IS NOT NULL AND effective_at >= $since AND effective_at < $until
)
SELECT
    c.effective_at AS due_at, c.subscription_id AS subject, c.customer_id, c.seq, bool_or(k.fact_id IS NOT NULL) AS ok
FROM changed AS c
LEFT JOIN subscription_fact AS k
    ON k.shelf = c.shelf AND k.subscription_id = c.subscription_id AND k.content = c.prior AND k.fact_id <> c.fact_id
GROUP BY c.fact_id, c.effective_at, c.subscription_id, c.customer_id, c.seq
