-- Entries that can be read: the share that no decoder had to put aside.
-- indicator: entries.quarantine
-- unit: share
-- formula: entries recorded in the window whose outcome is not `quarantined` ÷ entries recorded in the window, of all sources that are
--   not the house itself
-- caveats: A body that a later engine can read is decoded then, and the past gets better.
-- owner: data
-- drift_risk: a provider that changes the shape of its events
-- cause: source
SELECT
    o.recorded_at AS happened_at, o.source AS label, CAST(NULL AS VARCHAR) AS customer_id,
    o.outcome <> 'quarantined' AS good, CAST(NULL AS BIGINT) AS took_us, o.seq
FROM outcome AS o, sli_look AS w
WHERE o.recorded_at >= w.since_at AND NOT list_contains(w.own_sources, o.source)
