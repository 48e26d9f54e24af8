-- Which entries can change the ledger of which customers: what speaks of them, of their subscriptions, or of the prices
-- and discounts on these. Rates are left out, but for those that edits name: they touch everybody who pays in another
-- currency. Grain: entry × customer. Inputs: the tables of facts, owned, member, foreign_customer. What models/touched
-- tells without naming the entry.
WITH RECURSIVE priced AS (
    SELECT DISTINCT i.price_id, o.customer_id
    FROM subscription_item AS i
    JOIN owned AS o ON o.shelf = i.shelf AND o.subscription_id = i.subscription_id
),
discounted AS (
    SELECT d.discount_id, d.coupon_id, o.customer_id
    FROM subscription_discount AS d
    JOIN owned AS o ON o.shelf = d.shelf AND o.subscription_id = d.subscription_id
    UNION
    SELECT d.discount_id, d.coupon_id, m.customer_id FROM customer_discount AS d JOIN member AS m ON m.name = d.customer_id
),
given AS (
    SELECT d.customer_id, d.coupon_id FROM discounted AS d WHERE d.coupon_id IS NOT NULL
    UNION
    SELECT d.customer_id, g.coupon_id FROM discounted AS d JOIN discount_given AS g ON g.discount_id = d.discount_id
),
line AS (
    SELECT l.fact_id, o.customer_id FROM invoice_line AS l JOIN owned AS o ON o.subscription_id = l.subscription_id
    UNION
    SELECT i.fact_id, o.customer_id FROM invoice AS i JOIN owned AS o ON o.subscription_id = i.subscription_id
    UNION
    SELECT i.fact_id, m.customer_id FROM invoice AS i JOIN member AS m ON m.name = i.customer_id
),
-- A document by its own id, a credit note also by that of its invoice; whoever has one of its lines.
billed AS (
    SELECT DISTINCT i.document_id, i.invoice_id, l.customer_id FROM invoice AS i JOIN line AS l ON l.fact_id = i.fact_id
),
document AS (
    SELECT i.fact_id, i.seq, b.customer_id FROM invoice AS i JOIN billed AS b ON b.document_id = i.document_id
    UNION
    SELECT i.fact_id, i.seq, b.customer_id FROM invoice AS i JOIN billed AS b ON b.document_id = i.invoice_id
    UNION
    SELECT i.fact_id, i.seq, b.customer_id FROM invoice AS i JOIN billed AS b ON b.invoice_id = i.document_id
),
-- A payment by all its names: its own, that of its intent, and those of the attempts of an intent.
paid AS (
    SELECT p.payment_id, p.of_payment_id, b.customer_id FROM payment AS p JOIN billed AS b ON b.document_id = p.invoice_id
    UNION
    SELECT p.payment_id, p.payment_id, b.customer_id FROM invoice_payment AS p JOIN billed AS b ON b.document_id = p.document_id
    UNION
    SELECT p.payment_id, p.of_payment_id, m.customer_id FROM payment AS p JOIN member AS m ON m.name = p.customer_id
),
payer AS (
    SELECT payment_id AS name, customer_id FROM paid
    UNION
    SELECT of_payment_id, customer_id FROM paid WHERE of_payment_id IS NOT NULL
),
told AS (
    SELECT f.seq, o.customer_id
    FROM subscription_fact AS f
    JOIN owned AS o ON o.shelf = f.shelf AND o.subscription_id = f.subscription_id
    UNION
    SELECT a.seq, m.customer_id FROM attribute AS a JOIN member AS m ON m.shelf = a.shelf AND m.name = a.customer_id
    UNION
    SELECT r.seq, p.customer_id FROM price AS r JOIN priced AS p ON p.price_id = r.price_id
    UNION
    SELECT g.seq, d.customer_id FROM discount_given AS g JOIN discounted AS d ON d.discount_id = g.discount_id
    UNION
    SELECT c.seq, g.customer_id FROM coupon AS c JOIN given AS g ON g.coupon_id = c.coupon_id
    UNION
    SELECT d.seq, m.customer_id FROM customer_discount AS d JOIN member AS m ON m.name = d.customer_id
    UNION
    SELECT e.seq, m.customer_id FROM merge AS e JOIN member AS m ON m.name = e.customer_id OR m.name = e.into_id
    UNION
    SELECT c.seq, o.customer_id FROM continuation AS c JOIN owned AS o ON o.subscription_id = c.old_id OR o.subscription_id = c.new_id
    UNION
    SELECT d.seq, d.customer_id FROM document AS d
    UNION
    SELECT p.seq, y.customer_id FROM payment AS p JOIN payer AS y ON y.name = p.payment_id
    UNION
    SELECT p.seq, y.customer_id FROM payment AS p JOIN payer AS y ON y.name = p.of_payment_id
    UNION
    SELECT r.seq, d.customer_id FROM price AS r JOIN invoice_line AS l ON l.price_id = r.price_id JOIN document AS d ON d.fact_id = l.fact_id
    UNION
    SELECT r.seq, f.customer_id
    FROM rate AS r
    SEMI JOIN (SELECT seq FROM edit UNION SELECT entry_seq FROM edit) AS e ON e.seq = r.seq
    CROSS JOIN foreign_customer AS f
    UNION
    SELECT u.seq, m.customer_id FROM usage AS u JOIN member AS m ON m.name = u.customer_id
    UNION
    SELECT u.seq, o.customer_id FROM usage AS u JOIN owned AS o ON o.subscription_id = u.subscription_id
),
edited AS (
    SELECT e.seq, m.customer_id FROM edit AS e JOIN member AS m ON m.name = e.of_id OR m.name = e.to_id
    UNION
    SELECT e.seq, t.customer_id FROM edit AS e JOIN told AS t ON t.seq = e.entry_seq
    UNION
    SELECT e.entry_seq, t.customer_id FROM edit AS e JOIN told AS t ON t.seq = e.seq
),
-- Whoever takes an edit back touches whom it touched, and so does whoever takes that back.
reverted AS (
    SELECT seq, customer_id FROM edited
    UNION
    SELECT r.seq, v.customer_id FROM edit AS r JOIN reverted AS v ON v.seq = r.entry_seq
),
everything AS (
    SELECT seq, customer_id FROM told
    UNION
    SELECT seq, customer_id FROM reverted
)
SELECT e.seq, e.customer_id FROM everything AS e SEMI JOIN fresh AS f ON f.seq = e.seq
