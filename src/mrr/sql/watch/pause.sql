-- When a source spoke last before an instant, and the longest pause that it made in the days before that. Grain: source.
-- Input: outcome. $until: the instant; $days: how many. What people say by themselves has no rhythm.
WITH arrival AS (
    SELECT source, recorded_at, max(seq) AS seq
    FROM outcome
    WHERE recorded_at < $until AND source NOT IN ('edits', 'governance', 'reconciliation', 'annotations')
    GROUP BY source, recorded_at
    QUALIFY recorded_at > max(recorded_at) OVER (PARTITION BY source) - to_days($days)
),
paused AS (
    SELECT *, date_diff('second', lag(recorded_at) OVER (PARTITION BY source ORDER BY recorded_at), recorded_at) AS pause_s
    FROM arrival
)
SELECT source, max(seq) AS seq, max(recorded_at) AS last_at, count(*) AS arrivals, coalesce(max(pause_s), 0) AS longest_s
FROM paused
GROUP BY source
ORDER BY source
