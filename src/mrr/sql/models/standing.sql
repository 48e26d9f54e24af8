-- The state of a subscription over time, for the causes of its lines. Grain: stretch of one state and owner, half-open.
-- Input: phase. Neighbouring stretches of equal state are one.
WITH marked AS (
    SELECT
        p.*, lag(state) OVER life IS NOT DISTINCT FROM state AND lag(owner_id) OVER life IS NOT DISTINCT FROM owner_id AS goes_on
    FROM phase AS p
    WINDOW life AS (PARTITION BY subscription_id ORDER BY starts_at, version_no)
),
numbered AS (
    SELECT
        m.*, count(*) FILTER (WHERE NOT goes_on) OVER (PARTITION BY subscription_id ORDER BY starts_at, version_no
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run_no
    FROM marked AS m
)
SELECT
    subscription_id, owner_id AS customer_id, min(starts_at) AS starts_at, max(ends_at) AS ends_at,
    min(state) AS state, bool_or(counted) AS counted, bool_or(involuntary) AS involuntary
FROM numbered
GROUP BY subscription_id, owner_id, run_no
