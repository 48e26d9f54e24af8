-- Whom and which entries of a source what was off of late concerns. Grain: thing that is off. Input: watched. $from, $source.
SELECT customer_id, seq
FROM watched
WHERE due_at >= $from AND NOT ok AND split_part(subject, '/', 1) = $source
ORDER BY due_at, seq
