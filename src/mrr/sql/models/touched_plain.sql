-- The same as `touched` where the news are of subscriptions and attributes alone: most postings, and quicker to plan.
-- Grain: customer (canonical id). Inputs: subscription_fact, attribute, posted, identity.
WITH name AS (
    SELECT f.customer_id
    FROM subscription_fact AS f
    SEMI JOIN (SELECT n.shelf, n.subscription_id FROM subscription_fact AS n, posted AS p WHERE n.seq > p.seq) AS n
        ON n.shelf = f.shelf AND n.subscription_id = f.subscription_id
    UNION
    SELECT a.customer_id FROM attribute AS a, posted AS p WHERE a.seq > p.seq
)
SELECT DISTINCT coalesce(i.canonical_id, n.customer_id) AS customer_id
FROM name AS n
LEFT JOIN identity AS i ON i.customer_id = n.customer_id
