-- The lines of every movement with their causes (DESIGN §8, A35–A38). Grain: customer × item × window.
-- Inputs: line_stepped, customer_window, carry, span, item_version, invoice_level, policy, horizon. `status_cause` where the item is absent or not counted on
-- one side; else offer, quantity and discount. flow_micros = the sum of all causes but fx.
WITH probe AS (
    -- Where to look for the cause of a line with one side: just before the window's first change (before the gap, if levels
    -- are carried there, for they stay in every respect: A12), or at the window's end.
    SELECT
        l.*, w.opens_at, w.state_before, w.state_after,
        CASE WHEN l.was THEN least(w.window_ends_at, z.turns_at) ELSE coalesce(c.starts_at, w.opens_at) END AS looks_at
    FROM line_stepped AS l
    JOIN customer_window AS w ON w.customer_id = l.customer_id AND w.window_starts_at = l.window_starts_at
    CROSS JOIN horizon AS z
    LEFT JOIN carry AS c ON c.customer_id = l.customer_id AND c.starts_at < w.opens_at AND c.ends_at >= w.opens_at
),
neighbours AS (
    SELECT
        p.*, s.state, coalesce(s.counted, FALSE) AS counted, s.involuntary, i.item_id IS NOT NULL AS listed, x.cause AS billed_cause
    FROM probe AS p
    LEFT JOIN span AS s
        ON p.was <> p.remains AND s.subscription_id = p.subscription_id AND s.owner_id = p.customer_id
        AND s.starts_at < p.looks_at AND s.ends_at >= p.looks_at
    LEFT JOIN item_version AS i ON i.version_id = s.version_id AND i.item_id = p.item_id
    LEFT JOIN invoice_level AS x
        ON p.was AND NOT p.remains AND x.cause IS NOT NULL AND x.customer_id = p.customer_id
        AND x.subscription_id = p.subscription_id AND x.item_id = p.item_id AND x.starts_at < p.looks_at AND x.ends_at >= p.looks_at
),
caused AS (
    SELECT
        n.*,
        CASE
            WHEN was AND remains THEN NULL
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
swapped AS (
    SELECT
        c.*, state_before = 'active'
        AND bool_or(status_cause IN ('cancellation', 'removal', 'replacement')) OVER in_window
        AND bool_or(status_cause = 'add_on') OVER in_window AS is_swap
    FROM caused AS c
    WINDOW in_window AS (PARTITION BY customer_id, window_starts_at)
)
SELECT
    customer_id, window_starts_at, opens_at, subscription_id, item_id,
    CASE WHEN is_swap AND status_cause IN ('add_on', 'cancellation', 'removal') THEN 'replacement' ELSE status_cause END
        AS status_cause,
    offer_cause, offer_micros, quantity_micros, discount_micros, flow_micros, fx_micros, before_micros, after_micros,
    local_before_micros, local_after_micros, currency_before, currency_after, product_before, product_after,
    price_before, price_after, quantity_before, quantity_after, interval_before, interval_after,
    version_before, version_after, involuntary,
    status_cause IS NOT NULL OR offer_micros IS NOT NULL OR quantity_micros IS NOT NULL OR discount_micros <> 0 AS in_flow
FROM swapped
