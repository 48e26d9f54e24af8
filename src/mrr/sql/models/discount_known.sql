-- What each discount id stands for, its coupon resolved. Grain: discount. Inputs: discount_given, coupon_known, set_aside.
WITH latest AS (
    SELECT d.*, row_number() OVER (
        PARTITION BY discount_id ORDER BY coalesce(effective_at, TIMESTAMP '1970-01-01') DESC, digest, fact_id) AS choice
    FROM discount_given AS d ANTI JOIN set_aside AS x ON x.seq = d.seq
)
SELECT
    l.discount_id, l.coupon_id, coalesce(l.keep_num, CASE WHEN l.amount_micros IS NULL THEN c.keep_num END) AS keep_num,
    coalesce(l.keep_den, CASE WHEN l.amount_micros IS NULL THEN c.keep_den END) AS keep_den,
    coalesce(l.amount_micros, CASE WHEN l.keep_num IS NULL THEN c.amount_micros END) AS amount_micros,
    coalesce(l.currency, c.currency) AS currency, coalesce(l.duration, c.duration) AS duration,
    l.starts_at, l.ends_at, CASE WHEN len(l.products) = 0 THEN coalesce(c.products, l.products) ELSE l.products END AS products
FROM latest AS l
LEFT JOIN coupon_known AS c ON c.coupon_id = l.coupon_id
WHERE l.choice = 1
