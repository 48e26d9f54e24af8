-- The customers whose ledger new facts can change, behind the last seq that was posted. Grain: customer (canonical id).
-- Inputs: outcome, edit_turn, the tables of facts, level, posted, identity, policy. What a new edit brings in or takes away
-- is news as well.
WITH news AS (
    SELECT o.seq FROM outcome AS o, posted AS p WHERE o.seq > p.seq
    UNION
    SELECT t.seq FROM edit_turn AS t, posted AS p WHERE t.turned_by > p.seq
),
coupon_news AS (
    SELECT c.coupon_id FROM coupon AS c SEMI JOIN news AS n ON n.seq = c.seq
),
discount_news AS (
    SELECT g.discount_id FROM discount_given AS g SEMI JOIN news AS n ON n.seq = g.seq
    UNION
    SELECT g.discount_id FROM discount_given AS g SEMI JOIN coupon_news AS c ON c.coupon_id = g.coupon_id
    UNION
    SELECT d.discount_id FROM customer_discount AS d SEMI JOIN coupon_news AS c ON c.coupon_id = d.coupon_id
),
payment_news AS (
    SELECT r.payment_id, r.of_payment_id FROM payment AS r JOIN policy AS q ON q.reads_invoices SEMI JOIN news AS n ON n.seq = r.seq
),
-- A payment by all its names: its own, that of its intent, and those of the attempts of an intent.
payment_name AS (
    SELECT unnest([payment_id, of_payment_id]) AS payment_id FROM payment_news
    UNION
    SELECT a.of_payment_id
    FROM payment AS a JOIN payment_news AS f ON f.payment_id = a.payment_id OR f.of_payment_id = a.payment_id
    UNION
    SELECT a.payment_id
    FROM payment AS a JOIN payment_news AS f ON f.payment_id = a.of_payment_id OR f.of_payment_id = a.of_payment_id
),
document AS (
    SELECT CASE WHEN i.credit_note THEN i.invoice_id ELSE i.document_id END AS document_id
    FROM invoice AS i JOIN policy AS q ON q.reads_invoices SEMI JOIN news AS n ON n.seq = i.seq
    UNION
    SELECT a.invoice_id FROM payment AS a SEMI JOIN payment_name AS n ON n.payment_id = a.payment_id
    UNION
    SELECT a.document_id FROM invoice_payment AS a SEMI JOIN payment_name AS n ON n.payment_id = a.payment_id
    UNION
    SELECT i.document_id
    FROM invoice AS i
    JOIN policy AS q ON q.reads_invoices
    JOIN invoice_line AS l ON l.fact_id = i.fact_id
    SEMI JOIN (SELECT r.price_id FROM price AS r SEMI JOIN news AS n ON n.seq = r.seq) AS r ON r.price_id = l.price_id
),
billed AS (
    SELECT i.customer_id, coalesce(l.subscription_id, i.subscription_id) AS subscription_id
    FROM invoice AS i
    SEMI JOIN document AS d ON d.document_id = i.document_id
    LEFT JOIN invoice_line AS l ON l.fact_id = i.fact_id
),
subscription AS (
    SELECT f.subscription_id, f.shelf FROM subscription_fact AS f SEMI JOIN news AS n ON n.seq = f.seq
    UNION
    SELECT b.subscription_id, shelf(b.subscription_id) FROM billed AS b WHERE b.subscription_id IS NOT NULL
    UNION
    SELECT c.old_id, shelf(c.old_id) FROM continuation AS c SEMI JOIN news AS n ON n.seq = c.seq
    UNION
    SELECT i.subscription_id, i.shelf
    FROM subscription_item AS i
    SEMI JOIN (SELECT r.price_id FROM price AS r SEMI JOIN news AS n ON n.seq = r.seq) AS r ON r.price_id = i.price_id
    UNION
    SELECT d.subscription_id, d.shelf
    FROM subscription_discount AS d
    SEMI JOIN discount_news AS n ON n.discount_id = d.discount_id
    UNION
    SELECT d.subscription_id, d.shelf FROM subscription_discount AS d SEMI JOIN coupon_news AS n ON n.coupon_id = d.coupon_id
),
name AS (
    SELECT f.customer_id
    FROM subscription_fact AS f
    SEMI JOIN subscription AS s ON s.shelf = f.shelf AND s.subscription_id = f.subscription_id
    UNION
    SELECT b.customer_id FROM billed AS b WHERE b.customer_id IS NOT NULL
    UNION
    SELECT i.customer_id
    FROM invoice AS i
    JOIN policy AS q ON q.basis = 'invoice'
    LEFT JOIN invoice_line AS l ON l.fact_id = i.fact_id
    SEMI JOIN subscription AS s ON s.subscription_id = coalesce(l.subscription_id, i.subscription_id)
    WHERE i.customer_id IS NOT NULL
    UNION
    SELECT u.customer_id FROM usage AS u JOIN policy AS q ON q.usage_months IS NOT NULL SEMI JOIN news AS n ON n.seq = u.seq
    UNION
    SELECT a.customer_id FROM attribute AS a SEMI JOIN news AS n ON n.seq = a.seq
    UNION
    SELECT d.customer_id FROM customer_discount AS d SEMI JOIN news AS n ON n.seq = d.seq
    UNION
    SELECT d.customer_id FROM customer_discount AS d SEMI JOIN discount_news AS n ON n.discount_id = d.discount_id
    UNION
    SELECT unnest([m.customer_id, m.into_id]) FROM merge AS m SEMI JOIN news AS n ON n.seq = m.seq
    UNION
    SELECT e.of_id FROM edit AS e SEMI JOIN news AS n ON n.seq = e.seq WHERE e.verb IN ('exclude', 'include')
    UNION
    SELECT l.customer_id
    FROM ledger.level AS l
    JOIN policy AS q ON l.currency <> q.report_currency
    JOIN (SELECT min(r.day) AS day FROM rate AS r SEMI JOIN news AS n ON n.seq = r.seq HAVING count(*) > 0) AS r
        ON l.ends_at > r.day - INTERVAL 2 DAY
)
SELECT customer_id FROM name
UNION
SELECT i.canonical_id FROM name AS n JOIN identity AS i ON i.customer_id = n.customer_id
