-- The edits that bear on the customers in scope. Grain: edit. Inputs: edit, scope_name, scope_subscription, the tables of
-- facts: on a customer or subscription itself, or on an entry that tells of one or of a price of it.
WITH told AS (
    SELECT f.seq FROM subscription_fact AS f
    SEMI JOIN scope_subscription AS s ON s.shelf = f.shelf AND s.subscription_id = f.subscription_id
    UNION
    SELECT a.seq FROM attribute AS a SEMI JOIN scope_name AS n ON n.shelf = a.shelf AND n.customer_id = a.customer_id
    UNION
    SELECT d.seq FROM customer_discount AS d SEMI JOIN scope_name AS n ON n.customer_id = d.customer_id
    UNION
    SELECT p.seq FROM price AS p
    SEMI JOIN (
        SELECT i.price_id FROM subscription_item AS i
        SEMI JOIN scope_subscription AS s ON s.shelf = i.shelf AND s.subscription_id = i.subscription_id
    ) AS i ON i.price_id = p.price_id
),
name AS (
    SELECT customer_id AS id FROM scope_name
    UNION
    SELECT subscription_id FROM scope_subscription
)
SELECT e.seq FROM edit AS e WHERE e.of_id IN (SELECT n.id FROM name AS n) OR e.to_id IN (SELECT n.id FROM name AS n)
UNION
SELECT e.seq FROM edit AS e SEMI JOIN told AS t ON t.seq = e.seq
UNION
SELECT e.seq FROM edit AS e SEMI JOIN told AS t ON t.seq = e.entry_seq WHERE e.verb <> 'revert'
