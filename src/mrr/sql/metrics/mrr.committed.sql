-- Committed MRR: ending MRR without what is scheduled to end, with what is signed and begins later.
-- metric: mrr.committed
-- variant: committed
-- unit: micros
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: at E, the MRR (at the instant E, as in ending) of all subscriptions that neither are scheduled to end nor
--   are on trial, plus the first level (all items whose value begins at that instant) of each subscription that has no
--   MRR > 0 at E, is known at E, begins to have MRR > 0 at an instant t >= E, and neither is scheduled to end nor on
--   trial. Scheduled to end, on trial: by the snapshot in force, the standing one with the greatest effective_at < E
--   (ties: order of the ledger), or, where there is none, the first standing one. Scheduled to end: it carries
--   `cancel_at`, or `cancel_at_period_end` with a known period end, or its status is canceled or incomplete_expired (a
--   tail that is still counted). On trial: its status is trialing, or it shows a pause and the latest snapshot before
--   it that shows none is trialing; and its trial_ends_at, where told, is not before E. Known at E: the snapshot of
--   that first level is effective before E, or the journal recorded it before E; on basis `invoice` an invoice that bills
--   the subscription for t was final before E, or recorded before E. What only invoices tell of (no snapshot) is neither
--   scheduled to end nor on trial. In groups, what begins at t is grouped by the attribute just after t, or as last known
--   before `as_of` if that comes sooner
-- source: committed MRR as the literature of subscription finance uses it; the instants are ours (DESIGN §8, scheduled
--   boundaries)
-- caveats: On basis `invoice` what was signed and not yet billed is not in it. A signed change of price or quantity of what runs already is not in it before it takes effect. For a period
--   of the past, what came later is not held against it: only what was scheduled then. What is scheduled to begin
--   counts only if it was recorded or effective then, so an import long after the fact shows none.
-- owner: finance
-- drift_risk: a source that does not tell scheduled cancellations makes it equal to ending MRR
-- moved_by: +mrr.ending +renewal_rate +trial_to_paid
-- reads: foreseen
WITH governed AS (
    SELECT
        p.period_starts_on, s.subscription_id,
        s.schedules_end OR (s.on_trial AND coalesce(s.trial_ends_at >= p.ends_at, TRUE)) AS is_out
    FROM period AS p
    JOIN standing_snapshot AS s ON (s.effective_at < p.ends_at OR s.is_first) AND s.next_at >= p.ends_at
),
begun AS (
    SELECT DISTINCT p.period_starts_on, f.subscription_id
    FROM period AS p
    JOIN foreseen AS f ON f.starts_at < p.ends_at AND f.ends_at >= p.ends_at AND f.reporting_micros > 0
),
begins AS (
    SELECT p.period_starts_on, f.subscription_id, min(f.starts_at) AS begins_at
    FROM period AS p
    JOIN foreseen AS f ON f.starts_at >= p.ends_at AND f.reporting_micros > 0
    ANTI JOIN begun AS b ON b.period_starts_on = p.period_starts_on AND b.subscription_id = f.subscription_id
    GROUP BY p.period_starts_on, f.subscription_id
),
counted AS (
    SELECT s.period_starts_on, s.trait, m.subscription_id, m.reporting_micros
    FROM spine AS s
    JOIN member AS m ON m.trait IS NOT DISTINCT FROM s.trait AND m.starts_at < s.ends_at AND m.ends_at >= s.ends_at
    UNION ALL
    SELECT s.period_starts_on, s.trait, m.subscription_id, m.reporting_micros
    FROM spine AS s
    JOIN member AS m ON m.trait IS NOT DISTINCT FROM s.trait AND m.known_at < s.ends_at
    JOIN begins AS b
        ON b.period_starts_on = s.period_starts_on AND b.subscription_id = m.subscription_id AND b.begins_at = m.starts_at
)
SELECT
    s.period_starts_on, s.trait, CAST(coalesce(sum(c.reporting_micros), 0) AS BIGINT) AS numerator, 1 AS denominator
FROM spine AS s
LEFT JOIN (
    SELECT c.* FROM counted AS c
    ANTI JOIN governed AS g ON g.period_starts_on = c.period_starts_on AND g.subscription_id = c.subscription_id AND g.is_out
) AS c ON c.period_starts_on = s.period_starts_on AND c.trait IS NOT DISTINCT FROM s.trait
GROUP BY s.period_starts_on, s.trait
