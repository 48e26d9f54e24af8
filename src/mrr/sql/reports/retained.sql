-- What the customers of each stretch's opening are worth at its end. Grain: period × group. Inputs: rolled, moved, period, report.
-- Only who moved can have changed, so the rest is kept as it was. `capped` holds each customer to its opening.
WITH numbered AS (
    -- Within a window the flow stands before fx (A34).
    SELECT
        m.*, 2 * date_diff('microsecond', TIMESTAMP '1970-01-01', window_starts_at) + CAST(is_fx AS INTEGER) AS place,
        CASE WHEN is_fx THEN amount_micros ELSE 0 END AS fx_micros
    FROM moved AS m
),
summed AS (
    SELECT
        -- Of a window that is a month a year may begin behind the fx and before the flow.
        p.period_starts_on, n.trait, n.customer_id, arg_max(n.after_micros, n.place) - sum(n.amount_micros) AS opening_micros,
        sum(n.amount_micros) AS moved_micros, sum(n.fx_micros) AS fx_micros
    FROM period AS p
    JOIN numbered AS n ON n.on_day >= p.opens_on AND n.on_day < p.closes_on
    GROUP BY p.period_starts_on, n.trait, n.customer_id
),
touched AS (
    SELECT period_starts_on, trait, opening_micros, opening_micros + moved_micros AS ending_micros, fx_micros
    FROM summed
    WHERE opening_micros > 0
),
kept AS (
    SELECT
        t.*, CASE WHEN ending_micros = 0 OR r.includes_fx THEN ending_micros ELSE greatest(ending_micros - fx_micros, 0) END
            AS kept_micros
    FROM touched AS t
    CROSS JOIN report AS r
),
changed AS (
    SELECT
        period_starts_on, trait, sum(kept_micros - opening_micros) AS kept_micros,
        sum(least(kept_micros - opening_micros, 0)) AS capped_micros
    FROM kept
    GROUP BY period_starts_on, trait
)
SELECT
    r.period_starts_on, r.trait, r.opening_micros,
    CAST(r.opening_micros + coalesce(c.kept_micros, 0) AS BIGINT) AS kept_micros,
    CAST(r.opening_micros + coalesce(c.capped_micros, 0) AS BIGINT) AS capped_micros
FROM rolled AS r
LEFT JOIN changed AS c ON c.period_starts_on = r.period_starts_on AND c.trait IS NOT DISTINCT FROM r.trait
