-- What the book says of each customer at an instant: state, MRR, units, plans, and what it was last worth while it counted.
-- Grain: customer. Inputs: ledger.value, subscription_fact, attribute, identity, product.
-- State: active, paused, trial, lapsed, or never for one who never counted.
WITH worth AS (
    SELECT
        v.customer_id, CAST(sum(v.reporting_micros) AS BIGINT) AS mrr_micros, CAST(sum(v.quantity) AS BIGINT) AS quantity,
        list_distinct(list(lower(coalesce(n.name, regexp_replace(v.product_id, '^[^/]*/', ''))))
            || list(lower(regexp_replace(v.product_id, '^[^/]*/', '')))
            || list(lower(regexp_replace(v.price_id, '^[^/]*/', '')))) AS plans
    FROM ledger.value AS v
    LEFT JOIN (SELECT product_id, arg_max(name, effective_at) AS name FROM product GROUP BY product_id) AS n
        ON n.product_id = v.product_id
    WHERE v.starts_at <= $at AND v.ends_at > $at
    GROUP BY v.customer_id
),
past AS (
    SELECT customer_id, max(ends_at) AS ended_at FROM ledger.value WHERE ends_at <= $at GROUP BY customer_id
),
last AS (
    SELECT p.customer_id, CAST(sum(v.reporting_micros) AS BIGINT) AS last_micros
    FROM past AS p
    JOIN ledger.value AS v ON v.customer_id = p.customer_id AND v.ends_at = p.ended_at
    GROUP BY p.customer_id
),
snapshot AS (
    SELECT subscription_id, customer_id, status, paused OR status = 'paused' AS shows_pause
    FROM subscription_fact
    WHERE stands AND effective_at <= $at
    QUALIFY row_number() OVER (PARTITION BY subscription_id ORDER BY effective_at DESC, ordinal DESC, fact_id DESC) = 1
),
shown AS (
    SELECT
        coalesce(i.canonical_id, s.customer_id) AS customer_id,
        bool_or(shows_pause AND status NOT IN ('canceled', 'incomplete_expired')) AS paused,
        bool_or(status = 'trialing') AS trialing
    FROM snapshot AS s
    LEFT JOIN identity AS i ON i.customer_id = s.customer_id
    GROUP BY 1
),
known AS (
    SELECT customer_id FROM shown
    UNION
    SELECT coalesce(i.canonical_id, a.customer_id)
    FROM attribute AS a
    LEFT JOIN identity AS i ON i.customer_id = a.customer_id
)
SELECT
    k.customer_id, coalesce(w.mrr_micros, 0) AS mrr_micros, w.quantity, w.plans, coalesce(l.last_micros, 0) AS last_micros,
    CASE
        WHEN w.mrr_micros > 0 THEN 'active'
        WHEN s.paused THEN 'paused'
        WHEN s.trialing THEN 'trial'
        WHEN l.customer_id IS NOT NULL OR w.customer_id IS NOT NULL THEN 'lapsed'
        ELSE 'never'
    END AS state
FROM known AS k
LEFT JOIN worth AS w ON w.customer_id = k.customer_id
LEFT JOIN last AS l ON l.customer_id = k.customer_id
LEFT JOIN shown AS s ON s.customer_id = k.customer_id
WHERE k.customer_id NOT IN (SELECT customer_id FROM ledger.excluded)
ORDER BY k.customer_id
