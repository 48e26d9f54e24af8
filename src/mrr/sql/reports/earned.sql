-- What the lines of invoices earned in a period, to the micro. Grain: period × member × kind of line. Inputs: spine, member
-- (recognised). Earned by the morning of a day is one rounding of an exact share; what lies between two days is the difference.
WITH passed AS (
    SELECT
        s.period_starts_on, s.trait, m.kind, m.net_micros, m.rate_num, m.rate_den, d.sign,
        date_diff('day', m.opens_on, d.on_day) AS days, date_diff('day', m.opens_on, m.closes_on) AS of_days
    FROM spine AS s
    JOIN member AS m ON m.trait IS NOT DISTINCT FROM s.trait AND m.opens_on < s.closes_on AND m.closes_on > s.opens_on
    CROSS JOIN LATERAL (
        SELECT least(m.closes_on, s.closes_on) AS on_day, 1 AS sign
        UNION ALL
        SELECT greatest(m.opens_on, s.opens_on), -1
    ) AS d
)
SELECT
    period_starts_on, trait, kind, sign * sign(net_micros) * ((2 * CAST(abs(net_micros) AS HUGEINT) * rate_num * days
        + rate_den * of_days) // (2 * CAST(rate_den AS HUGEINT) * of_days)) AS micros
FROM passed
