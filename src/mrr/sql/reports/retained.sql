-- What the customers of each stretch's opening are worth at its end. Grain: period × group. Inputs: rolled, moved, period, report.
-- Only who moved can have changed, so the rest is kept as it was. `capped` holds each customer to its opening.
WITH touched AS (
    SELECT
        p.period_starts_on, m.trait, m.customer_id,
        arg_min(m.before_micros, (m.window_starts_at, m.is_fx)) AS opening_micros,
        arg_max(m.after_micros, (m.window_starts_at, m.is_fx)) AS ending_micros,
        sum(CASE WHEN m.is_fx THEN m.amount_micros ELSE 0 END) AS fx_micros
    FROM period AS p
    JOIN moved AS m ON m.on_day >= p.opens_on AND m.on_day < p.closes_on
    GROUP BY p.period_starts_on, m.trait, m.customer_id
),
kept AS (
    SELECT
        t.*, CASE WHEN ending_micros = 0 OR r.includes_fx THEN ending_micros ELSE greatest(ending_micros - fx_micros, 0) END
            AS kept_micros
    FROM touched AS t
    CROSS JOIN report AS r
    WHERE opening_micros > 0
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
