-- Whether the customer of a new subscription was told of, and the subscription told of at its beginning (F1).
-- Grain: subscription. Inputs: subscription_fact, attribute. $since, $until: of which beginnings.
WITH begun AS (
    SELECT
        subscription_id, arg_min(customer_id, effective_at) AS customer_id, min(effective_at) AS begun_at,
        arg_min(seq, effective_at) AS seq, bool_or(change = 'created') AS created
    FROM subscription_fact
    GROUP BY subscription_id
    HAVING min(effective_at) >= $since AND min(effective_at) < $until
)
SELECT
    b.begun_at AS due_at, b.subscription_id AS subject, b.customer_id, b.seq, b.created AND k.customer_id IS NOT NULL AS ok
FROM begun AS b
LEFT JOIN (SELECT DISTINCT shelf, customer_id FROM attribute) AS k
    ON k.shelf = shelf(b.customer_id) AND k.customer_id = b.customer_id
