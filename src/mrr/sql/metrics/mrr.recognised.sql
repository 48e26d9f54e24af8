-- Recognised MRR: what invoices billed for the days of the period, a month.
-- metric: mrr.recognised
-- variant: recognised
-- unit: micros
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: sum over the recurring lines of invoices of (net amount earned by the end of the period or of the day of
--   `as_of` − earned by its start) ÷ months of the period. Earned by a local day: net amount × service days before it ÷
--   all service days, in micros. Net is after discounts, without tax. The service days are the local days from the one on
--   which the line's service period starts to that on which it ends, at least one. Invoices count as they were last told:
--   no drafts, none void or deleted
-- source: revenue recognition to the day (ratable), as accountants do it; DESIGN §10
-- caveats: A flow, not a level: February has fewer days than March. Without one-time charges and metered usage. Neither
--   credit notes nor refunds are taken off. Other currencies at the rate of the first service day. By attribute: as it
--   was when the service began. A line without a service period is in no month.
-- owner: finance
-- drift_risk: a source without invoices makes it 0
-- moved_by: +mrr.ending
-- reads: recognised
WITH passed AS (
    -- How much of a line had been served by the morning of a day, to the micro: what lies between two days is the difference.
    SELECT
        s.period_starts_on, s.trait, m.net_micros, m.rate_num, m.rate_den, d.sign,
        date_diff('day', m.opens_on, d.on_day) AS days, date_diff('day', m.opens_on, m.closes_on) AS of_days
    FROM spine AS s
    JOIN member AS m
        ON m.trait IS NOT DISTINCT FROM s.trait AND m.kind = 'service' AND m.opens_on < s.closes_on AND m.closes_on > s.opens_on
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
