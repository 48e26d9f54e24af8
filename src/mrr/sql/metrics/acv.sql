-- Annual contract value: a year's worth of a subscription that began in the period, on average.
-- metric: acv
-- variant: per subscription that began
-- unit: micros
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: 12 × the MRR of the subscriptions that began in the period ÷ their number. A subscription begins at the
--   first instant t at which its items (unfiltered) are together worth more than 0, from t on; it is in the period if t
--   lies on one of its local days before E. Its MRR is what stands from t on (starts_at <= t < ends_at) of the items
--   inside the group; if that is 0, the subscription is not counted in the group
-- parts: annual value ÷ subscriptions that began
-- missing: no subscription began
-- source: annual contract value per contract, as sales teams use it; recurring part only, no one-time fees
-- caveats: Monthly subscriptions are annualised too. A subscription that continues another begins anew. Whether it ends
--   later does not matter.
-- owner: sales
-- drift_risk: a migration to another billing system begins every subscription anew
-- moved_by: +asp +annual_share
-- reads: member
WITH begun AS (
    SELECT subscription_id, min(starts_at) AS begins_at FROM seen_value WHERE reporting_micros > 0 GROUP BY subscription_id
),
began AS (
    SELECT m.trait, b.begins_at, b.subscription_id, m.reporting_micros
    FROM begun AS b
    JOIN member AS m
        ON m.subscription_id = b.subscription_id AND m.starts_at <= b.begins_at AND m.ends_at > b.begins_at
        AND m.reporting_micros > 0
)
SELECT
    s.period_starts_on, s.trait, CAST(12 * coalesce(sum(b.reporting_micros), 0) AS BIGINT) AS numerator,
    count(DISTINCT b.subscription_id) AS denominator
FROM spine AS s
LEFT JOIN began AS b ON b.trait IS NOT DISTINCT FROM s.trait AND b.begins_at >= s.opens_at AND b.begins_at < s.ends_at
GROUP BY s.period_starts_on, s.trait
