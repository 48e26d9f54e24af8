-- When an entry takes effect: the first instant of which it speaks, NULL for what always held. Grain: entry.
-- Inputs: the tables of facts, fresh. `rate_month` says of which month an entry of rates is.
WITH told AS (
    SELECT seq, effective_at AS turns_at, NULL AS rate_on FROM subscription_fact
    UNION ALL SELECT seq, effective_at, NULL FROM attribute
    UNION ALL SELECT seq, effective_at, NULL FROM price
    UNION ALL SELECT seq, effective_at, NULL FROM coupon
    UNION ALL SELECT seq, effective_at, NULL FROM discount_given
    UNION ALL SELECT seq, effective_at, NULL FROM customer_discount
    UNION ALL SELECT seq, turns_at, NULL FROM continuation
    UNION ALL SELECT seq, NULL, NULL FROM merge
    UNION ALL SELECT seq, effective_at, NULL FROM invoice
    UNION ALL SELECT seq, effective_at, NULL FROM payment
    UNION ALL SELECT seq, effective_at, NULL FROM usage
    UNION ALL SELECT seq, CAST(day AS TIMESTAMP), day FROM rate
)
SELECT
    t.seq, min(coalesce(t.turns_at, TIMESTAMP '0001-01-01')) AS turns_at,
    make_date(year(min(t.rate_on)), month(min(t.rate_on)), 1) AS rate_month
FROM told AS t
SEMI JOIN fresh AS f ON f.seq = t.seq
GROUP BY t.seq
