-- Annual share: the share of ending MRR that is billed yearly or less often.
-- metric: annual_share
-- variant: billed yearly or longer
-- unit: ratio
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: MRR at the instant E of items billed every 1 year or more, 12 months or more, 52 weeks or more, or 365 days
--   or more ÷ ending (of the group)
-- parts: MRR billed yearly ÷ ending MRR
-- missing: no MRR at the end
-- source: DESIGN §10
-- caveats: By how it is billed, not by how long it is signed for.
-- owner: finance
-- drift_risk: none known
-- moved_by:
-- reads: member
SELECT
    s.period_starts_on, s.trait,
    CAST(coalesce(sum(m.reporting_micros) FILTER (WHERE CASE m.unit
        WHEN 'year' THEN m.units >= 1 WHEN 'month' THEN m.units >= 12 WHEN 'week' THEN m.units >= 52 ELSE m.units >= 365 END), 0)
        AS BIGINT) AS numerator,
    CAST(coalesce(sum(m.reporting_micros), 0) AS BIGINT) AS denominator
FROM spine AS s
LEFT JOIN member AS m ON m.trait IS NOT DISTINCT FROM s.trait AND m.starts_at < s.ends_at AND m.ends_at >= s.ends_at
GROUP BY s.period_starts_on, s.trait
