-- An item's monthly MRR on a half-open interval, in its own currency. Grain: item × stretch in which nothing changes.
-- Inputs: piece, invoice_level, charge, usage_level, started, excluded, currency_step, policy. Neighbours with equal owner,
-- offer, quantity and amount are one level, which names the first snapshot of its stretch. Under another
-- `starts_at` than activation, what has not started has none.
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
        *, lag(ends_at) OVER life AS left_at, max(ends_at) OVER (PARTITION BY subscription_id, item_id) AS last_at,
        lag(ends_at) OVER life IS NOT DISTINCT FROM starts_at AND lag(customer_id) OVER life = customer_id
        AND lag(offer) OVER life = offer AND lag(quantity) OVER life = quantity
        AND lag(num) OVER life = num AND lag(den) OVER life = den AS goes_on
    FROM known
    WINDOW life AS (PARTITION BY subscription_id, item_id ORDER BY starts_at, version_id)
),
-- A stretch ends where the one before the next began to be left, the last one with the item.
merged AS (
    SELECT
        * EXCLUDE (ends_at, left_at, last_at, goes_on),
        coalesce(lead(left_at) OVER (PARTITION BY subscription_id, item_id ORDER BY starts_at, version_id), last_at) AS ends_at
    FROM marked
    WHERE NOT goes_on
)
SELECT m.*, settle(m.num, m.den, c.step) AS local_micros
FROM merged AS m
SEMI JOIN scope_customer AS s ON s.customer_id = m.customer_id
ANTI JOIN excluded AS x ON x.customer_id = m.customer_id
JOIN currency_step AS c ON c.currency = m.currency
