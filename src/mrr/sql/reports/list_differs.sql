-- Subscriptions that are worth or owned otherwise by a provider's list than by the book. Grain: customer × subscription.
-- Inputs: news (list_news.sql), ours and theirs (values at the instant), our_state, their_state, told_pending, identity.
WITH item AS (
    SELECT
        coalesce(o.customer_id, t.customer_id) AS customer_id, coalesce(o.subscription_id, t.subscription_id) AS subscription_id,
        coalesce(o.reporting_micros, 0) AS ours_micros, coalesce(t.reporting_micros, 0) AS theirs_micros,
        o.item_id IS NULL OR t.item_id IS NULL AS one_sided, o.currency <> t.currency AS currency,
        o.product_id IS DISTINCT FROM t.product_id OR o.price_id IS DISTINCT FROM t.price_id AS plan,
        o.offer <> t.offer AS offer, o.quantity <> t.quantity AS quantity, o.local_micros <> t.local_micros AS amount,
        o.quantity AS our_quantity, t.quantity AS their_quantity, o.price_id AS our_price_id, t.price_id AS their_price_id
    FROM ours AS o
    FULL JOIN theirs AS t
        ON t.customer_id = o.customer_id AND t.subscription_id = o.subscription_id AND t.item_id = o.item_id
),
summed AS (
    SELECT
        customer_id, subscription_id, CAST(sum(ours_micros) AS BIGINT) AS ours_micros,
        CAST(sum(theirs_micros) AS BIGINT) AS theirs_micros, bool_or(one_sided) AS one_sided,
        coalesce(bool_or(currency), FALSE) AS currency, bool_or(plan AND NOT one_sided) AS plan,
        coalesce(bool_or(offer), FALSE) AS offer, coalesce(bool_or(quantity), FALSE) AS quantity,
        arg_min(our_quantity, coalesce(our_quantity = their_quantity, FALSE)) AS our_quantity,
        arg_min(their_quantity, coalesce(our_quantity = their_quantity, FALSE)) AS their_quantity,
        arg_min(our_price_id, coalesce(our_price_id = their_price_id, FALSE)) AS our_price_id,
        arg_min(their_price_id, coalesce(our_price_id = their_price_id, FALSE)) AS their_price_id
    FROM item
    GROUP BY customer_id, subscription_id
    HAVING sum(ours_micros) <> sum(theirs_micros)
)
SELECT
    s.customer_id, s.subscription_id, s.ours_micros, s.theirs_micros, n.against, n.last_seq, n.last_at,
    coalesce(a.state, 'unknown') AS our_state, coalesce(b.state, 'unknown') AS their_state, s.our_quantity, s.their_quantity,
    s.our_price_id, s.their_price_id,
    CASE
        WHEN n.last_seq IS NULL THEN 'missing'
        WHEN coalesce(i.canonical_id, n.book_customer_id) <> coalesce(j.canonical_id, n.customer_id) THEN 'owner'
        WHEN p.subscription_id IS NOT NULL THEN 'pending'
        WHEN a.state IS DISTINCT FROM b.state AND NOT b.counted THEN b.state
        WHEN a.state IS DISTINCT FROM b.state AND NOT a.counted THEN a.state
        WHEN s.currency THEN 'currency'
        WHEN s.plan THEN 'plan'
        WHEN s.one_sided THEN 'item'
        WHEN s.offer THEN 'price'
        WHEN s.quantity THEN 'quantity'
        ELSE 'discount'
    END AS cause
FROM summed AS s
LEFT JOIN news AS n ON n.subscription_id = s.subscription_id
LEFT JOIN identity AS i ON i.customer_id = n.book_customer_id
LEFT JOIN identity AS j ON j.customer_id = n.customer_id
LEFT JOIN our_state AS a ON a.subscription_id = s.subscription_id
LEFT JOIN their_state AS b ON b.subscription_id = s.subscription_id
LEFT JOIN told_pending AS p ON p.subscription_id = s.subscription_id
