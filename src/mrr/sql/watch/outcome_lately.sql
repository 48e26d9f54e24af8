-- How many entries recorded lately had an outcome, by source, with the first reasons that were given and the first entries.
-- Grain: source. Inputs: outcome.
SELECT
    source, count(*) AS entries, min(recorded_at) AS begins_at, list(seq ORDER BY seq)[1:20] AS seqs,
    list(DISTINCT reason ORDER BY reason)[1:3] AS reasons
FROM outcome
WHERE outcome = $outcome AND recorded_at >= $since AND recorded_at <= $at
GROUP BY source
HAVING count(*) >= $least
ORDER BY source
