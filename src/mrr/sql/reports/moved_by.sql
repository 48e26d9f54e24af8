-- What moved for each customer within each group, with entering and leaving (DESIGN §8 "Under a filter", A41).
-- Grain: customer × group × window, flow and fx apart. Inputs: member (already filtered), member_edge, seen_line,
-- seen_window, seen_movement. A customer is one here while it has MRR inside.
WITH side AS (
    SELECT m.*, e.window_starts_at AS entered_in, l.window_starts_at AS left_in
    FROM member AS m
    JOIN member_edge AS e ON e.customer_id = m.customer_id AND e.turns_at = m.starts_at
    LEFT JOIN member_edge AS l ON l.customer_id = m.customer_id AND l.turns_at = m.ends_at
),
kept AS (
    SELECT * FROM side WHERE entered_in IS DISTINCT FROM left_in
),
met AS (
    SELECT
        coalesce(a.customer_id, b.customer_id) AS customer_id, coalesce(a.trait, b.trait) AS trait,
        coalesce(a.entered_in, b.left_in) AS window_starts_at,
        coalesce(a.subscription_id, b.subscription_id) AS subscription_id, coalesce(a.item_id, b.item_id) AS item_id,
        a.item_id IS NOT NULL AND b.item_id IS NOT NULL AS inside_throughout,
        coalesce(a.reporting_micros, 0) - coalesce(b.reporting_micros, 0) AS change_micros
    FROM (SELECT * FROM kept WHERE left_in IS NOT NULL) AS b
    FULL JOIN kept AS a
        ON a.customer_id = b.customer_id AND a.subscription_id = b.subscription_id AND a.item_id = b.item_id
        AND a.entered_in = b.left_in AND a.trait IS NOT DISTINCT FROM b.trait
),
grouped AS (
    SELECT
        m.customer_id, m.trait, m.window_starts_at, CAST(sum(m.change_micros) AS BIGINT) AS change_micros,
        CAST(sum(CASE WHEN m.inside_throughout THEN coalesce(l.fx_micros, 0) ELSE 0 END) AS BIGINT) AS fx_micros
    FROM met AS m
    LEFT JOIN seen_line AS l
        ON l.customer_id = m.customer_id AND l.subscription_id = m.subscription_id AND l.item_id = m.item_id
        AND l.window_starts_at = m.window_starts_at
    GROUP BY m.customer_id, m.trait, m.window_starts_at
),
running AS (
    SELECT
        g.*, CAST(sum(change_micros) OVER (PARTITION BY customer_id, trait ORDER BY window_starts_at) AS BIGINT) AS after_micros
    FROM grouped AS g
),
-- The customer's total around each window, also around those in which only an attribute changed.
total AS (
    SELECT
        customer_id, window_starts_at, max(after_micros) AS after_micros, max(before_micros) AS before_micros
    FROM (
        SELECT customer_id, window_starts_at, after_micros, before_micros FROM seen_window
        UNION ALL
        SELECT DISTINCT customer_id, window_starts_at, NULL, NULL FROM running
    )
    GROUP BY customer_id, window_starts_at
),
carried AS (
    SELECT
        customer_id, window_starts_at,
        coalesce(last_value(after_micros IGNORE NULLS) OVER life, 0) AS total_after,
        coalesce(before_micros, last_value(after_micros IGNORE NULLS) OVER life, 0) AS total_before
    FROM total
    WINDOW life AS (PARTITION BY customer_id ORDER BY window_starts_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
day AS (
    SELECT customer_id, window_starts_at, min(on_day) AS on_day FROM member_edge GROUP BY customer_id, window_starts_at
),
classed AS (
    SELECT
        r.customer_id, r.trait, r.window_starts_at, coalesce(m.on_day, d.on_day) AS on_day, coalesce(f.on_day, d.on_day) AS fx_on,
        r.fx_micros, r.change_micros - r.fx_micros AS flow_micros,
        r.after_micros - r.change_micros AS before_micros, r.after_micros,
        CASE
            WHEN r.after_micros - r.change_micros = 0 AND r.after_micros > 0
                THEN CASE WHEN c.total_before > 0 THEN 'entering' ELSE m.class END
            WHEN r.after_micros - r.change_micros > 0 AND r.after_micros = 0
                THEN CASE WHEN c.total_after > 0 THEN 'leaving' ELSE m.class END
            WHEN r.change_micros - r.fx_micros > 0 THEN 'expansion'
            WHEN r.change_micros - r.fx_micros < 0 THEN 'contraction'
            ELSE 'none'
        END AS class
    FROM running AS r
    JOIN carried AS c ON c.customer_id = r.customer_id AND c.window_starts_at = r.window_starts_at
    JOIN day AS d ON d.customer_id = r.customer_id AND d.window_starts_at = r.window_starts_at
    LEFT JOIN seen_movement AS m
        ON m.customer_id = r.customer_id AND m.window_starts_at = r.window_starts_at AND NOT m.is_fx
    LEFT JOIN seen_movement AS f
        ON f.customer_id = r.customer_id AND f.window_starts_at = r.window_starts_at AND f.is_fx
)
SELECT
    customer_id, trait, window_starts_at, FALSE AS is_fx, on_day, class, flow_micros AS amount_micros, before_micros,
    after_micros - fx_micros AS after_micros,
    CAST(after_micros > 0 AS INTEGER) - CAST(before_micros > 0 AS INTEGER) AS customers
FROM classed
UNION ALL
SELECT
    customer_id, trait, window_starts_at, TRUE, fx_on, 'fx', fx_micros, after_micros - fx_micros, after_micros, 0
FROM classed
WHERE fx_micros <> 0
