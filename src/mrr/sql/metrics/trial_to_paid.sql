-- Trial to paid: the share of the trials that ended in the period and became worth money, then or later.
-- metric: trial_to_paid
-- variant: by the trial's end
-- unit: ratio
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: converted ÷ ended. The trial of a subscription is told by x, its last standing snapshot (order of the
--   ledger) that has trial_ends_at and started before that (trial_ends_at > started_at, where started_at is known). It
--   ended at t = the earliest of x.trial_ends_at, the effective_at of the standing snapshot after x, and x.effective_at
--   if x has status canceled or incomplete_expired. Ended: t lies on a local day of the period and t < E. Converted:
--   ended, and the subscription (unfiltered) has an item worth more than 0 at some instant from t on, before `as_of` (a
--   value row with ends_at > t). By plan, price, interval: the items that x lists; attributes: of the customer just before t.
--   Customers whom the policy excludes are out
-- parts: converted ÷ trials ended
-- missing: no trial ended
-- source: trial conversion by the cohort of trial ends
-- caveats: Late conversions change periods of the past. One trial a subscription: the last told.
-- owner: growth
-- drift_risk: a source that does not tell trials shows none
-- moved_by:
-- reads: trial
SELECT
    s.period_starts_on, s.trait, count(DISTINCT m.subscription_id) FILTER (WHERE m.converted) AS numerator,
    count(DISTINCT m.subscription_id) AS denominator
FROM spine AS s
LEFT JOIN member AS m ON m.trait IS NOT DISTINCT FROM s.trait AND m.ends_at >= s.opens_at AND m.ends_at < s.ends_at
GROUP BY s.period_starts_on, s.trait
