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
SELECT
    s.period_starts_on, s.trait, CAST(coalesce(sum(e.micros), 0) * s.months_den AS BIGINT) AS numerator,
    s.months_num AS denominator
FROM spine AS s
LEFT JOIN earned AS e
    ON e.period_starts_on = s.period_starts_on AND e.trait IS NOT DISTINCT FROM s.trait AND e.kind = 'usage'
GROUP BY s.period_starts_on, s.trait, s.months_num, s.months_den
