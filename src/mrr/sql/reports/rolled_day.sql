-- What customers moved on which local day, in total and by plan: what the roll-up is made of.
-- Grain: kind × group × day × class. Inputs: movement, line, customer_window, each row with the sign with which it counts.
-- Told from the lines as moved_by tells it from the levels: a plan is a trait of the item, so an item is inside on a side
-- or it is not.
WITH side AS (
    SELECT sign, customer_id, window_starts_at, product_after AS trait, after_micros - before_micros AS change_micros, fx_micros
    FROM $line
    WHERE version_before IS NOT NULL AND version_after IS NOT NULL AND product_before IS NOT DISTINCT FROM product_after
    UNION ALL
    SELECT sign, customer_id, window_starts_at, product_before, -before_micros, 0
    FROM $line
    WHERE version_before IS NOT NULL AND (version_after IS NULL OR product_before IS DISTINCT FROM product_after)
    UNION ALL
    SELECT sign, customer_id, window_starts_at, product_after, after_micros, 0
    FROM $line
    WHERE version_after IS NOT NULL AND (version_before IS NULL OR product_before IS DISTINCT FROM product_after)
),
grouped AS (
    SELECT sign, customer_id, trait, window_starts_at, sum(change_micros) AS change_micros, sum(fx_micros) AS fx_micros
    FROM side
    GROUP BY sign, customer_id, trait, window_starts_at
),
running AS (
    SELECT g.*, sum(change_micros) OVER (PARTITION BY sign, customer_id, trait ORDER BY window_starts_at) AS after_micros
    FROM grouped AS g
),
moved AS (
    SELECT
        r.sign, r.trait, coalesce(w.level_on, w.rate_on) AS on_day, coalesce(w.rate_on, w.level_on) AS fx_on, r.fx_micros,
        r.change_micros - r.fx_micros AS flow_micros, r.after_micros - r.change_micros AS was_micros, r.after_micros AS is_micros,
        CASE
            WHEN r.after_micros = r.change_micros AND r.after_micros > 0
                THEN CASE WHEN w.before_micros > 0 THEN 'entering' ELSE m.class END
            WHEN r.after_micros > r.change_micros AND r.after_micros = 0
                THEN CASE WHEN w.after_micros > 0 THEN 'leaving' ELSE m.class END
            WHEN r.change_micros > r.fx_micros THEN 'expansion'
            WHEN r.change_micros < r.fx_micros THEN 'contraction'
            ELSE 'none'
        END AS class
    FROM running AS r
    JOIN $customer_window AS w
        ON w.sign = r.sign AND w.customer_id = r.customer_id AND w.window_starts_at = r.window_starts_at
    LEFT JOIN $movement AS m
        ON m.sign = r.sign AND m.customer_id = r.customer_id AND m.window_starts_at = r.window_starts_at AND NOT m.is_fx
),
told AS (
    SELECT
        sign, 'total' AS kind, CAST(NULL AS VARCHAR) AS trait, on_day, class, amount_micros,
        mrr_after_micros - amount_micros AS was_micros, mrr_after_micros AS is_micros,
        CASE WHEN is_fx THEN 0 ELSE CAST(state_after IN ('active', 'held') AS INTEGER)
            - CAST(state_before IN ('active', 'held') AS INTEGER) END AS customers
    FROM $movement
    UNION ALL
    SELECT
        sign, 'plan', trait, on_day, class, flow_micros, was_micros, is_micros - fx_micros,
        CAST(is_micros > 0 AS INTEGER) - CAST(was_micros > 0 AS INTEGER)
    FROM moved
    UNION ALL
    SELECT sign, 'plan', trait, fx_on, 'fx', fx_micros, is_micros - fx_micros, is_micros, 0
    FROM moved
    WHERE fx_micros <> 0
)
SELECT
    kind, trait, on_day, class, CAST(sum(sign * amount_micros) AS BIGINT) AS amount_micros,
    CAST(sum(sign * customers) AS BIGINT) AS customers,
    CAST(sum(sign * (CAST(is_micros > 0 AS INTEGER) - CAST(was_micros > 0 AS INTEGER))) AS BIGINT) AS payers,
    CAST(sum(sign) AS BIGINT) AS moves
FROM told
GROUP BY kind, trait, on_day, class
HAVING sum(sign) <> 0 OR sum(sign * amount_micros) <> 0 OR sum(sign * customers) <> 0
    OR sum(sign * (CAST(is_micros > 0 AS INTEGER) - CAST(was_micros > 0 AS INTEGER))) <> 0
