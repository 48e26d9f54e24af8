-- Concentration index: the Herfindahl-Hirschman index of ending MRR, from near 0 (many equal customers) to 1 (one).
-- metric: concentration.hhi
-- variant: Herfindahl-Hirschman, as a share
-- unit: ratio
-- shown: index
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: the sum over customers of (MRR inside the group at the instant E)² ÷ (the sum of the same)²
-- missing: no MRR at the end
-- source: Herfindahl-Hirschman index; times 10,000 it is the form that competition authorities use
-- caveats: 1 ÷ this is the number of equal customers that would be as concentrated.
-- owner: finance
-- drift_risk: merges of customers
-- moved_by: +concentration.top_10
-- reads: account
SELECT
    s.period_starts_on, s.trait, coalesce(sum(CAST(a.micros AS HUGEINT) * a.micros), 0) AS numerator,
    coalesce(sum(a.micros), 0) * coalesce(sum(a.micros), 0) AS denominator
FROM spine AS s
LEFT JOIN account AS a ON a.period_starts_on = s.period_starts_on AND a.trait IS NOT DISTINCT FROM s.trait
GROUP BY s.period_starts_on, s.trait
