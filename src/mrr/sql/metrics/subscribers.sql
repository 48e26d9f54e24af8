-- Subscribers: subscriptions that are worth more than 0 at the end of the period.
-- metric: subscribers
-- variant: at the end
-- unit: count
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: the number of subscriptions whose items inside the group together are worth more than 0 at the instant E
-- source: DESIGN §10
-- caveats: One customer may have several. A subscription with items of two groups counts in both.
-- owner: finance
-- drift_risk: a move to another billing system without `continues` counts a subscription twice while both run
-- moved_by: +customers +trial_to_paid
-- reads: member
SELECT s.period_starts_on, s.trait, count(DISTINCT m.subscription_id) AS numerator, 1 AS denominator
FROM spine AS s
LEFT JOIN member AS m
    ON m.trait IS NOT DISTINCT FROM s.trait AND m.starts_at < s.ends_at AND m.ends_at >= s.ends_at AND m.reporting_micros > 0
GROUP BY s.period_starts_on, s.trait
