-- The discounts that bear on each snapshot, resolved, with when they are listed and what the next list says of them.
-- Grain: version × discount (a customer's discount: × stretch of the customer's list). Inputs: version,
-- subscription_discount, customer_discount, discount_known, coupon_known, set_aside.
-- A23: a subscription's own list goes first.
-- Only where: SELECT 1 FROM version AS v JOIN subscription_discount AS d ON d.shelf = v.shelf AND d.fact_id = v.fact_id or SELECT 1 FROM customer_discount.
WITH own AS (
    SELECT
        v.subscription_id, v.version_id, v.version_no, v.starts_at AS listed_from,
        coalesce(v.next_starts_at, open_end()) AS listed_to, d.* EXCLUDE (fact_id, subscription_id, shelf),
        lead(v.version_no) OVER again AS again_no, lead(d.ends_at) OVER again AS again_ends_at,
        min(v.starts_at) OVER (PARTITION BY v.subscription_id, d.discount_id) AS first_listed_at, FALSE AS of_customer
    FROM version AS v
    JOIN subscription_discount AS d ON d.shelf = v.shelf AND d.fact_id = v.fact_id
    WINDOW again AS (PARTITION BY v.subscription_id, d.discount_id ORDER BY v.version_no)
),
list AS (
    SELECT
        customer_id, effective_at, fact_id, row_number() OVER life AS list_no,
        coalesce(lead(effective_at) OVER life, open_end()) AS ends_at
    FROM (
        SELECT customer_id, coalesce(effective_at, TIMESTAMP '1970-01-01') AS effective_at, arg_min(fact_id, digest) AS fact_id
        FROM customer_discount AS g ANTI JOIN set_aside AS x ON x.seq = g.seq
        GROUP BY ALL
    )
    WINDOW life AS (PARTITION BY customer_id ORDER BY effective_at)
),
inherited AS (
    SELECT
        l.customer_id, l.list_no, l.effective_at AS listed_from, l.ends_at AS listed_to,
        d.* EXCLUDE (fact_id, seq, digest, customer_id, effective_at),
        lead(l.list_no) OVER again AS again_no, lead(d.ends_at) OVER again AS again_ends_at,
        min(l.effective_at) OVER (PARTITION BY l.customer_id, d.discount_id) AS first_listed_at
    FROM list AS l
    JOIN customer_discount AS d ON d.fact_id = l.fact_id AND d.discount_id IS NOT NULL
    WINDOW again AS (PARTITION BY l.customer_id, d.discount_id ORDER BY l.list_no)
),
listed AS (
    SELECT *, again_no = version_no + 1 AS listed_next FROM own
    UNION ALL BY NAME
    SELECT
        v.subscription_id, v.version_id, v.version_no, i.* EXCLUDE (customer_id, list_no), TRUE AS of_customer,
        i.again_no = i.list_no + 1 AS listed_next
    FROM inherited AS i
    JOIN version AS v ON v.owner_id = i.customer_id
    WHERE NOT EXISTS (SELECT 1 FROM subscription_discount AS d WHERE d.shelf = v.shelf AND d.fact_id = v.fact_id)
)
SELECT
    l.subscription_id, l.version_id, l.version_no, l.listed_from, l.listed_to, l.position, l.discount_id, l.items,
    l.of_customer, l.again_no, coalesce(l.listed_next, FALSE) AS listed_next, l.again_ends_at, l.first_listed_at,
    CASE WHEN len(l.products) = 0 THEN coalesce(k.products, c.products, l.products) ELSE l.products END AS products,
    coalesce(l.keep_num, CASE WHEN l.amount_micros IS NULL THEN coalesce(k.keep_num, c.keep_num) END) AS keep_num,
    coalesce(l.keep_den, CASE WHEN l.amount_micros IS NULL THEN coalesce(k.keep_den, c.keep_den) END) AS keep_den,
    coalesce(l.amount_micros, CASE WHEN l.keep_num IS NULL THEN coalesce(k.amount_micros, c.amount_micros) END)
        AS amount_micros,
    coalesce(l.currency, k.currency, c.currency) AS currency,
    coalesce(l.duration, k.duration, c.duration, 'forever') AS duration,
    coalesce(l.starts_at, k.starts_at) AS starts_at, coalesce(l.ends_at, k.ends_at) AS ends_at
FROM listed AS l
LEFT JOIN discount_known AS k ON k.discount_id = l.discount_id
LEFT JOIN coupon_known AS c ON c.coupon_id = l.coupon_id
