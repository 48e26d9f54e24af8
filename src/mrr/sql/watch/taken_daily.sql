-- How many entries came on each day, by source. Grain: source × day. Input: outcome. $first, $last: days (UTC) of recording, half-open.
SELECT source, CAST(recorded_at AS DATE) AS on_day, count(*) AS entries
FROM outcome
WHERE recorded_at >= CAST($first AS TIMESTAMP) AND recorded_at < CAST($last AS TIMESTAMP)
    AND source NOT IN ('edits', 'governance', 'reconciliation', 'annotations', 'rates')
GROUP BY source, CAST(recorded_at AS DATE)
