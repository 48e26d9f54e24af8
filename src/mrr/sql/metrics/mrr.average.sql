-- Average MRR: the mean of the MRR at the end of each local day of the period.
-- metric: mrr.average
-- variant: average
-- unit: micros
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: sum over the local days d of the period before the closing day of (sum of all movements dated up to and
--   including d) ÷ the number of these days
-- parts: sum of daily MRR ÷ days
-- source: DESIGN §10
-- caveats: Days of movements are those of the ledger; with netting = month a window's movement counts from its day on.
--   In a period that is not over the last day counts as it stands at `as_of`.
-- owner: finance
-- drift_risk: the policy's timezone decides which day a change falls on
-- moved_by: +mrr.net_new
-- reads: rolled
SELECT
    r.period_starts_on, r.trait,
    date_diff('day', r.opens_on, r.closes_on) * r.opening_micros + coalesce(sum(
        date_diff('day', d.on_day, r.closes_on) * d.amount_micros), 0) AS numerator,
    date_diff('day', r.opens_on, r.closes_on) AS denominator
FROM rolled AS r
LEFT JOIN day AS d ON d.trait IS NOT DISTINCT FROM r.trait AND d.on_day >= r.opens_on AND d.on_day < r.closes_on
GROUP BY r.period_starts_on, r.trait, r.opens_on, r.closes_on, r.opening_micros
