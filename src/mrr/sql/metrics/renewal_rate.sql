-- Renewal rate: the share of subscriptions that went on when their billing period or term ended.
-- metric: renewal_rate
-- variant: at the ends of billing periods
-- unit: ratio
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: went on ÷ due. Due: a pair of subscription and instant t where t is the period end of the standing snapshot
--   in force just before t (the one with the greatest effective_at < t; t lies behind that effective_at), t lies on a
--   local day of the period and t < E, and the items inside the group are together worth more than 0 just before t
--   (starts_at < t <= ends_at). Went on: due, and the subscription (all its items, unfiltered) is worth more than 0
--   from t on (starts_at <= t < ends_at)
-- parts: went on ÷ due
-- missing: no subscription was due
-- source: renewals ÷ renewals due, by number of subscriptions
-- caveats: Only period ends that the source told, as one for the whole subscription; a source that sends one snapshot
--   and no renewals shows one due only. Monthly subscriptions fall due every month.
-- owner: customer success
-- drift_risk: a source that stops sending renewals
-- moved_by: -churn.logo
-- reads: member
WITH due AS (
    SELECT s.subscription_id, s.period_ends_at AS due_at, bool_or(v.subscription_id IS NOT NULL) AS went_on
    FROM standing_snapshot AS s
    LEFT JOIN seen_value AS v
        ON v.subscription_id = s.subscription_id AND v.reporting_micros > 0
        AND v.starts_at <= s.period_ends_at AND v.ends_at > s.period_ends_at
    WHERE s.period_ends_at > s.effective_at AND s.period_ends_at <= s.next_at
    GROUP BY s.subscription_id, s.period_ends_at
),
within AS (
    SELECT DISTINCT m.trait, d.subscription_id, d.due_at, d.went_on
    FROM due AS d
    JOIN member AS m
        ON m.subscription_id = d.subscription_id AND m.starts_at < d.due_at AND m.ends_at >= d.due_at AND m.reporting_micros > 0
)
SELECT
    s.period_starts_on, s.trait, count(*) FILTER (WHERE w.went_on) AS numerator, count(w.due_at) AS denominator
FROM spine AS s
LEFT JOIN within AS w ON w.trait IS NOT DISTINCT FROM s.trait AND w.due_at >= s.opens_at AND w.due_at < s.ends_at
GROUP BY s.period_starts_on, s.trait
