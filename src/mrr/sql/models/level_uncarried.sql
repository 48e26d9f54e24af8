-- An item's monthly MRR on a half-open interval, in its own currency. Grain: item × stretch in which nothing changes.
-- Inputs: piece, invoice_level, charge, usage_level, started, excluded, currency_step, policy. Neighbours with equal owner,
-- offer, quantity and amount are one level. Under another `starts_at` than activation, what has not started has none.
WITH held AS (
    -- What is pending is not 0: while a new offer or discount is unknown, the item stays at its last known level.
    SELECT
        p.customer_id, p.version_id, p.starts_at, p.ends_at,
        k.* EXCLUDE (customer_id, version_id, starts_at, ends_at, pending)
    FROM piece AS p
    JOIN piece AS k
        ON k.subscription_id = p.subscription_id AND k.item_id = p.item_id AND NOT k.pending AND k.starts_at < p.starts_at
    WHERE p.pending
    QUALIFY row_number() OVER (PARTITION BY p.subscription_id, p.item_id, p.starts_at ORDER BY k.starts_at DESC) = 1
),
told AS (
    SELECT * EXCLUDE (pending) FROM piece WHERE NOT pending
    UNION ALL BY NAME
    SELECT * FROM held
    UNION ALL BY NAME
    SELECT * EXCLUDE (cause) FROM invoice_level WHERE cause IS NULL
    UNION ALL BY NAME
    SELECT * FROM charge
    UNION ALL BY NAME
    SELECT * FROM usage_level
),
known AS (
    SELECT t.* EXCLUDE (starts_at), greatest(t.starts_at, coalesce(s.counts_from, t.starts_at)) AS starts_at
    FROM told AS t
    CROSS JOIN policy AS p
    LEFT JOIN started AS s ON s.subscription_id = t.subscription_id
    WHERE p.starting = 'activation' OR s.counts_from < t.ends_at
),
marked AS (
    SELECT
        *, lag(ends_at) OVER life IS NOT DISTINCT FROM starts_at AND lag(customer_id) OVER life = customer_id
        AND lag(offer) OVER life = offer AND lag(quantity) OVER life = quantity
        AND lag(num) OVER life = num AND lag(den) OVER life = den AS goes_on
    FROM known
    WINDOW life AS (PARTITION BY subscription_id, item_id ORDER BY starts_at, version_id)
),
numbered AS (
    SELECT
        *, count(*) FILTER (WHERE NOT goes_on) OVER (PARTITION BY subscription_id, item_id ORDER BY starts_at, version_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run_no
    FROM marked
),
merged AS (
    SELECT
        customer_id, subscription_id, item_id, min(starts_at) AS starts_at, max(ends_at) AS ends_at,
        min(product_id) AS product_id, min(price_id) AS price_id, min(currency) AS currency, offer, min(unit) AS unit,
        min(units) AS units, quantity, min(each_num) AS each_num, num, den, min(version_id) AS version_id
    FROM numbered
    GROUP BY customer_id, subscription_id, item_id, run_no, offer, quantity, num, den
)
SELECT m.*, settle(m.num, m.den, c.step) AS local_micros
FROM merged AS m
JOIN currency_step AS c ON c.currency = m.currency
CROSS JOIN policy AS p
WHERE m.customer_id IN (SELECT customer_id FROM scope_customer)
    AND m.customer_id NOT IN (SELECT customer_id FROM excluded)
