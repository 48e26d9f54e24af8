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
SELECT
    s.period_starts_on, s.trait, CAST(coalesce(sum(e.micros), 0) * s.months_den AS BIGINT) AS numerator,
    s.months_num AS denominator
FROM spine AS s
LEFT JOIN earned AS e
    ON e.period_starts_on = s.period_starts_on AND e.trait IS NOT DISTINCT FROM s.trait AND e.kind = 'service'
GROUP BY s.period_starts_on, s.trait, s.months_num, s.months_den
