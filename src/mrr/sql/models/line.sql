-- The lines of every movement with their causes (DESIGN §8, A35–A38). Grain: customer × item × window.
-- Inputs: line_stepped, customer_window, carry, span, item_version, invoice_level, policy, horizon. `status_cause` where
-- the item is absent or not counted on one side; else offer, quantity and discount. flow_micros = the sum of all causes
-- but fx.
WITH probe AS (
    -- Where to look for the cause of a line with one side: just before the window's first change (before the gap, if levels
    -- are carried there, for they stay in every respect: A12), or at the window's end.
    SELECT
        l.customer_id, l.window_starts_at, l.subscription_id, l.item_id, l.was, w.state_before, w.state_after,
        CASE WHEN l.was THEN least(w.window_ends_at, z.turns_at) ELSE coalesce(c.starts_at, w.opens_at) END AS looks_at
    FROM line_stepped AS l
    JOIN customer_window AS w ON w.customer_id = l.customer_id AND w.window_starts_at = l.window_starts_at
    CROSS JOIN horizon AS z
    LEFT JOIN carry AS c ON c.customer_id = l.customer_id AND c.starts_at < w.opens_at AND c.ends_at >= w.opens_at
    WHERE l.was <> l.remains
),
neighbours AS (
    SELECT
        p.*, s.state, coalesce(s.counted, FALSE) AS counted, s.involuntary, i.item_id IS NOT NULL AS listed,
        x.cause AS billed_cause
    FROM probe AS p
    LEFT JOIN span AS s
        ON s.subscription_id = p.subscription_id AND s.owner_id = p.customer_id
        AND s.starts_at < p.looks_at AND s.ends_at >= p.looks_at
    LEFT JOIN item_version AS i ON i.version_id = s.version_id AND i.item_id = p.item_id
    LEFT JOIN invoice_level AS x
        ON p.was AND x.cause IS NOT NULL AND x.customer_id = p.customer_id AND x.subscription_id = p.subscription_id
        AND x.item_id = p.item_id AND x.starts_at < p.looks_at AND x.ends_at >= p.looks_at
),
caused AS (
    SELECT
        customer_id, window_starts_at, subscription_id, item_id, state_before, involuntary,
        CASE
            WHEN billed_cause IS NOT NULL THEN billed_cause
            WHEN was AND state = 'continued' THEN 'replacement'
            WHEN was AND state IN ('ended', 'requested') THEN 'cancellation'
            WHEN was AND state IS NULL AND q.basis = 'invoice' AND state_after = 'lapsed' THEN 'cancellation'
            WHEN was AND NOT listed THEN 'removal'
            WHEN was AND state = 'paused' THEN 'pause'
            WHEN was AND state = 'past_due_over' THEN 'past_due'
            WHEN was AND state = 'unpaid' AND NOT counted THEN 'unpaid'
            WHEN was AND state = 'trialing' AND NOT counted THEN 'trial'
            WHEN was THEN 'removal'
            WHEN listed AND state = 'requested' THEN 'reactivation'
            WHEN listed AND state = 'paused' THEN 'resume'
            WHEN listed AND state = 'trialing' AND NOT counted THEN 'trial_conversion'
            WHEN listed AND state IN ('past_due_over', 'unpaid') AND NOT counted THEN 'recovery'
            WHEN state_before = 'never' THEN 'new'
            WHEN state_before = 'lapsed' THEN 'reactivation'
            ELSE 'add_on'
        END AS status_cause
    FROM neighbours AS n
    CROSS JOIN policy AS q
),
swap AS (
    SELECT customer_id, window_starts_at
    FROM caused
    WHERE state_before = 'active'
    GROUP BY customer_id, window_starts_at
    HAVING bool_or(status_cause IN ('cancellation', 'removal', 'replacement')) AND bool_or(status_cause = 'add_on')
),
told AS (
    SELECT
        c.* EXCLUDE (status_cause),
        CASE WHEN s.customer_id IS NOT NULL AND c.status_cause IN ('add_on', 'cancellation', 'removal') THEN 'replacement'
            ELSE c.status_cause END AS status_cause
    FROM caused AS c
    LEFT JOIN swap AS s ON s.customer_id = c.customer_id AND s.window_starts_at = c.window_starts_at
)
SELECT
    l.customer_id, l.window_starts_at, w.opens_at, l.subscription_id, l.item_id, t.status_cause,
    l.offer_cause, l.offer_micros, l.quantity_micros, l.discount_micros, l.flow_micros, l.fx_micros, l.before_micros,
    l.after_micros, l.local_before_micros, l.local_after_micros, l.currency_before, l.currency_after, l.product_before,
    l.product_after, l.price_before, l.price_after, l.quantity_before, l.quantity_after, l.interval_before,
    l.interval_after, l.version_before, l.version_after, t.involuntary,
    t.status_cause IS NOT NULL OR l.offer_micros IS NOT NULL OR l.quantity_micros IS NOT NULL OR l.discount_micros <> 0
        AS in_flow
FROM line_stepped AS l
JOIN customer_window AS w ON w.customer_id = l.customer_id AND w.window_starts_at = l.window_starts_at
LEFT JOIN told AS t
    ON t.customer_id = l.customer_id AND t.window_starts_at = l.window_starts_at
    AND t.subscription_id = l.subscription_id AND t.item_id = l.item_id
