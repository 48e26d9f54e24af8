-- The lines of every movement with their causes (DESIGN §8, A35–A38). Grain: customer × item × window.
-- Inputs: line_stepped, customer_window, standing, horizon. `status_cause` where the item is absent or not counted on
-- one side; else offer, quantity and discount. flow_micros = the sum of all causes but fx.
WITH neighbours AS (
    SELECT
        l.*, w.state_before, w.state_after, b.state AS subscription_before, b.counted AS counted_before,
        a.state AS subscription_after, a.involuntary, coalesce(a.counted, FALSE) AND a.customer_id = l.customer_id AS counted_after
    FROM line_stepped AS l
    JOIN customer_window AS w ON w.customer_id = l.customer_id AND w.window_starts_at = l.window_starts_at
    CROSS JOIN horizon AS z
    LEFT JOIN standing AS b
        ON l.remains AND NOT l.was AND b.subscription_id = l.subscription_id
        AND b.starts_at < l.window_starts_at AND b.ends_at >= l.window_starts_at
    LEFT JOIN standing AS a
        ON l.was AND NOT l.remains AND a.subscription_id = l.subscription_id
        AND a.starts_at < least(w.window_ends_at, z.turns_at) AND a.ends_at >= least(w.window_ends_at, z.turns_at)
),
caused AS (
    SELECT
        n.*,
        CASE
            WHEN was AND remains THEN NULL
            WHEN was AND subscription_after = 'continued' THEN 'replacement'
            WHEN was AND counted_after THEN 'removal'
            WHEN was AND subscription_after IN ('paused', 'unpaid') THEN replace(subscription_after, 'paused', 'pause')
            WHEN was AND subscription_after = 'past_due_over' THEN 'past_due'
            WHEN was AND subscription_after = 'trialing' THEN 'trial'
            WHEN was AND subscription_after IS NULL THEN 'removal'
            WHEN was THEN 'cancellation'
            WHEN subscription_before = 'trialing' AND NOT counted_before THEN 'trial_conversion'
            WHEN subscription_before = 'paused' THEN 'resume'
            WHEN subscription_before IN ('past_due_over', 'unpaid') AND NOT counted_before THEN 'recovery'
            WHEN state_before = 'never' THEN 'new'
            WHEN state_before = 'lapsed' THEN 'reactivation'
            ELSE 'add_on'
        END AS status_cause,
        remains AND NOT was AND (subscription_before IS NULL OR counted_before) AS enters_anew
    FROM neighbours AS n
),
swapped AS (
    SELECT
        c.*, state_before = 'active'
        AND bool_or(status_cause IN ('cancellation', 'removal', 'replacement')) OVER in_window
        AND bool_or(enters_anew) OVER in_window AS is_swap
    FROM caused AS c
    WINDOW in_window AS (PARTITION BY customer_id, window_starts_at)
)
SELECT
    customer_id, window_starts_at, subscription_id, item_id,
    CASE WHEN is_swap AND (enters_anew OR status_cause IN ('cancellation', 'removal')) THEN 'replacement' ELSE status_cause END
        AS status_cause,
    offer_cause, offer_micros, quantity_micros, discount_micros, flow_micros, fx_micros, before_micros, after_micros,
    local_before_micros, local_after_micros, currency_before, currency_after, product_before, product_after,
    price_before, price_after, quantity_before, quantity_after, interval_before, interval_after,
    version_before, version_after, involuntary,
    status_cause IS NOT NULL OR offer_micros IS NOT NULL OR quantity_micros IS NOT NULL OR discount_micros <> 0 AS in_flow
FROM swapped
