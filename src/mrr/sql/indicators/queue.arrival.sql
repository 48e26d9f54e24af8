-- From the event to the journal: how long the world's events take to be recorded.
-- indicator: queue.arrival
-- unit: share
-- formula: entries recorded within the bound of their objective ÷ entries recorded in the window. It takes recorded_at less the
--   instant that the body gives for itself (occurred_at), and no less than 0. What is a week old when it is recorded is a
--   backfill and counts on neither side; so do bodies without an instant, and what the house itself records
-- caveats: The provider's clock against ours; clocks that differ show here.
-- owner: platform
-- drift_risk: a source that stamps its events with the time of sending
-- cause: source
SELECT
    o.recorded_at AS happened_at, o.source AS label, CAST(NULL AS VARCHAR) AS customer_id, CAST(NULL AS BOOLEAN) AS good,
    greatest(date_diff('microsecond', o.occurred_at, o.recorded_at), 0) AS took_us, o.seq
FROM outcome AS o, sli_look AS w
WHERE o.recorded_at >= w.since_at AND o.occurred_at > o.recorded_at - INTERVAL 7 DAY
    AND NOT list_contains(w.own_sources, o.source)
