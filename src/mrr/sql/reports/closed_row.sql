-- What each customer was worth in a month and what moved, as a close seals it. Grain: customer who counts or moved.
-- Inputs: seen_movement, seen_window, period (one month).
WITH moved AS (
    SELECT
        m.customer_id,
        CAST(coalesce(sum(m.amount_micros) FILTER (WHERE m.on_day < p.opens_on), 0) AS BIGINT) AS opening_micros,
        count(*) FILTER (WHERE m.on_day >= p.opens_on) AS moves,
        CAST(coalesce(sum(m.amount_micros) FILTER (WHERE m.on_day >= p.opens_on AND m.class = 'new'), 0) AS BIGINT) AS new_micros,
        CAST(coalesce(sum(m.amount_micros) FILTER (WHERE m.on_day >= p.opens_on AND m.class = 'expansion'), 0) AS BIGINT)
            AS expansion_micros,
        CAST(coalesce(sum(m.amount_micros) FILTER (WHERE m.on_day >= p.opens_on AND m.class = 'contraction'), 0) AS BIGINT)
            AS contraction_micros,
        CAST(coalesce(sum(m.amount_micros) FILTER (WHERE m.on_day >= p.opens_on AND m.class = 'churn'), 0) AS BIGINT)
            AS churn_micros,
        CAST(coalesce(sum(m.amount_micros) FILTER (WHERE m.on_day >= p.opens_on AND m.class = 'reactivation'), 0) AS BIGINT)
            AS reactivation_micros,
        CAST(coalesce(sum(m.amount_micros) FILTER (WHERE m.on_day >= p.opens_on AND m.class = 'fx'), 0) AS BIGINT) AS fx_micros,
        CAST(sum(m.amount_micros) AS BIGINT) AS closing_micros
    FROM seen_movement AS m
    JOIN period AS p ON m.on_day < p.closes_on
    GROUP BY m.customer_id
),
stood AS (
    SELECT customer_id, arg_max(state_after, window_starts_at) AS state FROM seen_window GROUP BY customer_id
)
SELECT
    m.customer_id, s.state, m.opening_micros, m.new_micros, m.expansion_micros, m.contraction_micros, m.churn_micros,
    m.reactivation_micros, m.fx_micros, m.closing_micros
FROM moved AS m
JOIN stood AS s ON s.customer_id = m.customer_id
WHERE m.moves > 0 OR m.opening_micros <> 0 OR s.state IN ('active', 'held')
ORDER BY m.customer_id
