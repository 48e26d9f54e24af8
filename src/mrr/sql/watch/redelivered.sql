-- Whether an entry said something new (F2): not the same again, also not under another key, no other facts under its key, no key used
-- before. Grain: entry. Input: outcome. $since, $until: recorded when. What tells no fact has no content to be the same.
SELECT
    recorded_at AS due_at, source || '/' || key AS subject, CAST(NULL AS VARCHAR) AS customer_id, seq,
    outcome NOT IN ('duplicate', 'conflict', 'key_reused')
    AND coalesce(row_number() OVER (PARTITION BY source, content ORDER BY seq) = 1 OR content IS NULL, TRUE) AS ok
FROM outcome
WHERE recorded_at >= $since AND recorded_at < $until
