-- Entries whose key is their own: the share whose key was not used before for something else.
-- indicator: entries.reuse
-- unit: share
-- formula: entries recorded in the window whose outcome is not `key_reused` ÷ entries recorded in the window, of all sources that are
--   not the house itself
-- caveats: Redeliveries are no reuse.
-- owner: data
-- drift_risk: a provider that changes the shape of its events
-- cause: source
SELECT
    o.recorded_at AS happened_at, o.source AS label, CAST(NULL AS VARCHAR) AS customer_id,
    o.outcome <> 'key_reused' AS good, CAST(NULL AS BIGINT) AS took_us, o.seq
FROM outcome AS o, sli_look AS w
WHERE o.recorded_at >= w.since_at AND NOT list_contains(w.own_sources, o.source)
