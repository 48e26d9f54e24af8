-- Usage MRR: what invoices billed for metered usage in the period, a month.
-- metric: mrr.usage
-- variant: usage
-- unit: micros
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: as mrr.recognised, over the lines of invoices that sell by a metered price
-- source: DESIGN §7 (usage), §10
-- caveats: Usage that no bill shows yet is not in it; `usage = last` or `{average = N}` takes told quantities into MRR.
--   Usage is spread over the days of its service period, as if each had used the same.
-- owner: finance
-- drift_risk: usage is billed in arrears, so the last months grow when their bills come
-- moved_by:
-- reads: recognised
WITH passed AS (
    -- How much of a line had been served by the morning of a day, to the micro: what lies between two days is the difference.
    SELECT
        s.period_starts_on, s.trait, m.net_micros, m.rate_num, m.rate_den, d.sign,
        date_diff('day', m.opens_on, d.on_day) AS days, date_diff('day', m.opens_on, m.closes_on) AS of_days
    FROM spine AS s
    JOIN member AS m
        ON m.trait IS NOT DISTINCT FROM s.trait AND m.kind = 'usage' AND m.opens_on < s.closes_on AND m.closes_on > s.opens_on
    CROSS JOIN LATERAL (
        SELECT least(m.closes_on, s.closes_on) AS on_day, 1 AS sign
        UNION ALL
        SELECT greatest(m.opens_on, s.opens_on), -1
    ) AS d
),
served AS (
    SELECT
        period_starts_on, trait, sign * sign(net_micros) * ((2 * CAST(abs(net_micros) AS HUGEINT) * rate_num * days
            + rate_den * of_days) // (2 * CAST(rate_den AS HUGEINT) * of_days)) AS micros
    FROM passed
)
SELECT
    s.period_starts_on, s.trait, CAST(coalesce(sum(r.micros), 0) * s.months_den AS BIGINT) AS numerator,
    s.months_num AS denominator
FROM spine AS s
LEFT JOIN served AS r ON r.period_starts_on = s.period_starts_on AND r.trait IS NOT DISTINCT FROM s.trait
GROUP BY s.period_starts_on, s.trait, s.months_num, s.months_den
