-- The customers whose ledger new facts can change, behind the last seq that was posted. Grain: customer (canonical id).
-- Inputs: the tables of facts, level, posted, identity, policy.
WITH subscription AS (
    SELECT f.subscription_id, f.shelf FROM subscription_fact AS f, posted AS p WHERE f.seq > p.seq
    UNION
    SELECT c.old_id, shelf(c.old_id) FROM continuation AS c, posted AS p WHERE c.seq > p.seq
    UNION
    SELECT i.subscription_id, i.shelf
    FROM subscription_item AS i
    SEMI JOIN (SELECT r.price_id FROM price AS r, posted AS p WHERE r.seq > p.seq) AS r ON r.price_id = i.price_id
    UNION
    SELECT d.subscription_id, d.shelf
    FROM subscription_discount AS d
    SEMI JOIN (
        SELECT g.discount_id FROM discount_given AS g, posted AS p WHERE g.seq > p.seq
        UNION
        SELECT g.discount_id
        FROM discount_given AS g
        JOIN coupon AS c ON c.coupon_id = g.coupon_id
        JOIN posted AS p ON c.seq > p.seq
    ) AS n ON n.discount_id = d.discount_id
    UNION
    SELECT d.subscription_id, d.shelf
    FROM subscription_discount AS d
    SEMI JOIN (SELECT c.coupon_id FROM coupon AS c, posted AS p WHERE c.seq > p.seq) AS n ON n.coupon_id = d.coupon_id
),
name AS (
    SELECT f.customer_id
    FROM subscription_fact AS f
    SEMI JOIN subscription AS s ON s.shelf = f.shelf AND s.subscription_id = f.subscription_id
    UNION
    SELECT a.customer_id FROM attribute AS a, posted AS p WHERE a.seq > p.seq
    UNION
    SELECT d.customer_id FROM customer_discount AS d, posted AS p WHERE d.seq > p.seq
    UNION
    SELECT d.customer_id
    FROM customer_discount AS d
    SEMI JOIN (
        SELECT g.discount_id FROM discount_given AS g, posted AS p WHERE g.seq > p.seq
        UNION
        SELECT g.discount_id FROM discount_given AS g JOIN coupon AS c ON c.coupon_id = g.coupon_id JOIN posted AS p ON c.seq > p.seq
        UNION
        SELECT e.discount_id FROM customer_discount AS e JOIN coupon AS c ON c.coupon_id = e.coupon_id JOIN posted AS p ON c.seq > p.seq
    ) AS n ON n.discount_id = d.discount_id
    UNION
    SELECT m.customer_id FROM merge AS m, posted AS p WHERE m.seq > p.seq
    UNION
    SELECT m.into_id FROM merge AS m, posted AS p WHERE m.seq > p.seq
    UNION
    SELECT l.customer_id
    FROM ledger.level AS l
    JOIN policy AS q ON l.currency <> q.report_currency
    JOIN (SELECT min(r.day) AS day FROM rate AS r, posted AS p WHERE r.seq > p.seq HAVING count(*) > 0) AS r ON l.ends_at > r.day - INTERVAL 2 DAY
)
SELECT customer_id FROM name
UNION
SELECT i.canonical_id FROM name AS n JOIN identity AS i ON i.customer_id = n.customer_id
