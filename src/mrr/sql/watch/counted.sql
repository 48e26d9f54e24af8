-- How many of what was watched were off, of late and before, by source. Grain: source. Input: watched. $from: since when is late.
SELECT
    split_part(subject, '/', 1) AS source, count(*) FILTER (WHERE due_at >= $from) AS all_late,
    count(*) FILTER (WHERE due_at >= $from AND NOT ok) AS off_late, count(*) FILTER (WHERE due_at < $from) AS all_past,
    count(*) FILTER (WHERE due_at < $from AND NOT ok) AS off_past, min(due_at) FILTER (WHERE due_at >= $from AND NOT ok) AS begins_at
FROM watched
GROUP BY split_part(subject, '/', 1)
ORDER BY source
