-- What changed for one customer within one netting window, and as what it counts (DESIGN §8, A12, A13, A33, A34, A40).
-- Grain: customer × window × (flow, fx). Inputs: customer_window, policy. Signed; within a window the flow stands first.
WITH returned AS (
    SELECT
        w.*, last_value(CASE WHEN state_after = 'lapsed' AND state_before IN ('active', 'held') THEN level_on END IGNORE NULLS)
            OVER (PARTITION BY customer_id ORDER BY window_starts_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            AS churned_on
    FROM customer_window AS w
),
classed AS (
    SELECT
        r.*,
        CASE
            WHEN state_after = 'active' AND state_before = 'never' THEN 'new'
            WHEN state_after = 'active' AND state_before = 'lapsed' THEN CASE
                WHEN p.reactivation = 'as_expansion' THEN 'expansion'
                WHEN p.reactivation = 'net_churn' THEN 'churn'
                WHEN p.reactivation = 'at_least' AND date_diff('day', churned_on, level_on) < p.reactivation_days THEN 'expansion'
                WHEN p.reactivation = 'at_most' AND date_diff('day', churned_on, level_on) > p.reactivation_days THEN 'new'
                ELSE 'reactivation' END
            WHEN state_after = 'active' AND state_before = 'held' THEN 'expansion'
            WHEN state_after = 'lapsed' AND state_before IN ('active', 'held') THEN 'churn'
            WHEN state_after = 'held' AND state_before = 'active' THEN 'contraction'
            WHEN state_after = 'active' AND has_line THEN
                CASE WHEN flow_micros > 0 THEN 'expansion' WHEN flow_micros < 0 THEN 'contraction' ELSE 'none' END
        END AS class
    FROM returned AS r
    CROSS JOIN policy AS p
)
SELECT
    left(sha256(concat_ws('|', customer_id, window_starts_at, 'flow')), 16) AS movement_id, customer_id, window_starts_at,
    opens_at, FALSE AS is_fx, coalesce(level_on, rate_on) AS on_day, class, flow_micros AS amount_micros,
    before_micros + flow_micros AS mrr_after_micros, state_before, state_after
FROM classed
WHERE class IS NOT NULL
UNION ALL
SELECT
    left(sha256(concat_ws('|', customer_id, window_starts_at, 'fx')), 16), customer_id, window_starts_at,
    opens_at, TRUE, coalesce(rate_on, level_on), 'fx', fx_micros, after_micros, state_before, state_after
FROM classed
WHERE has_fx
