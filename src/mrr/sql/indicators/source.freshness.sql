-- How long ago a source was last heard: silence of one that used to speak.
-- indicator: source.freshness
-- unit: seconds
-- formula: the seconds since the newest entry of each source was recorded. A source that was heard on fewer than seven days of
--   the 28 before its last entry is no stream and is left out, and so is the house itself
-- caveats: A source with less traffic than one event a day seems silent sooner than it is.
-- owner: platform
-- drift_risk: seasons in which nothing happens
-- cause: source
WITH newest AS (
    SELECT source, max(recorded_at) AS heard_at FROM outcome GROUP BY source
)
SELECT
    o.source AS label, greatest(date_diff('second', n.heard_at, w.until_at), 0) AS amount, CAST([] AS VARCHAR[]) AS customers
FROM outcome AS o
JOIN newest AS n ON n.source = o.source
CROSS JOIN sli_look AS w
WHERE o.recorded_at > n.heard_at - INTERVAL 28 DAY AND NOT list_contains(w.own_sources, o.source)
GROUP BY o.source, n.heard_at, w.until_at
HAVING count(DISTINCT CAST(o.recorded_at AS DATE)) >= 7
