-- The state of a customer around each netting window (DESIGN §8, A32, A39). Grain: customer × window in which it changes.
-- Inputs: line_stepped, hold, change. States: never, active, held, lapsed; taken at window ends.
WITH held AS (
    SELECT h.customer_id, e.window_starts_at AS entered_in, l.window_starts_at AS left_in
    FROM hold AS h
    JOIN change AS e ON e.customer_id = h.customer_id AND e.turns_at = h.starts_at
    LEFT JOIN change AS l ON l.customer_id = h.customer_id AND l.turns_at = h.ends_at
),
everything AS (
    SELECT
        customer_id, window_starts_at, after_micros - before_micros AS change_micros, flow_micros, fx_micros, 0 AS holds,
        NOT (was AND remains) OR offer_micros IS NOT NULL OR quantity_micros IS NOT NULL OR discount_micros <> 0 AS has_line
    FROM line_stepped
    UNION ALL
    SELECT customer_id, entered_in, 0, 0, 0, 1, FALSE FROM held WHERE entered_in IS DISTINCT FROM left_in
    UNION ALL
    SELECT customer_id, left_in, 0, 0, 0, -1, FALSE FROM held WHERE entered_in <> left_in
),
happened AS (
    SELECT
        customer_id, window_starts_at, CAST(sum(change_micros) AS BIGINT) AS change_micros,
        CAST(sum(flow_micros) AS BIGINT) AS flow_micros, CAST(sum(fx_micros) AS BIGINT) AS fx_micros,
        bool_or(fx_micros <> 0) AS has_fx, bool_or(has_line) AS has_line, sum(holds) AS holds
    FROM everything
    WHERE window_starts_at IS NOT NULL
    GROUP BY customer_id, window_starts_at
),
ended AS (
    SELECT
        h.*, CAST(sum(change_micros) OVER so_far AS BIGINT) AS after_micros, sum(holds) OVER so_far > 0 AS has_hold
    FROM happened AS h
    WINDOW so_far AS (PARTITION BY customer_id ORDER BY window_starts_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
-- Who is at 0 with something that holds is held if the last window without such a hold left it active.
stated AS (
    SELECT
        e.*, after_micros - change_micros AS before_micros,
        CASE
            WHEN after_micros > 0 THEN 'active'
            WHEN has_hold AND last_value(CASE WHEN after_micros > 0 OR NOT has_hold THEN after_micros > 0 END IGNORE NULLS)
                OVER so_far THEN 'held'
            WHEN bool_or(after_micros > 0) OVER so_far THEN 'lapsed'
            ELSE 'never'
        END AS state_after,
        CASE
            WHEN after_micros > change_micros THEN 'active'
            WHEN lag(has_hold) OVER so_far
                AND last_value(CASE WHEN after_micros > 0 OR NOT has_hold THEN after_micros > 0 END IGNORE NULLS) OVER before
                THEN 'held'
            WHEN bool_or(after_micros > 0) OVER before THEN 'lapsed'
            ELSE 'never'
        END AS state_before
    FROM ended AS e
    WINDOW so_far AS (PARTITION BY customer_id ORDER BY window_starts_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
        before AS (PARTITION BY customer_id ORDER BY window_starts_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT s.* EXCLUDE (holds, has_hold), w.opens_at, w.window_ends_at, w.level_on, w.rate_on
FROM stated AS s
JOIN (
    SELECT
        customer_id, window_starts_at, min(turns_at) AS opens_at, max(window_ends_at) AS window_ends_at,
        min(on_day) FILTER (WHERE of_level) AS level_on,
        min(on_day) FILTER (WHERE of_rate) AS rate_on
    FROM change
    GROUP BY customer_id, window_starts_at
) AS w ON w.customer_id = s.customer_id AND w.window_starts_at = s.window_starts_at
