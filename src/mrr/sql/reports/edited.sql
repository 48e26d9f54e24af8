-- Every edit with its state. Grain: edit. Inputs: edit, outcome, set_aside. What takes the place of a correction, or takes
-- an edit back, is the edit that sets it aside.
SELECT
    e.seq, e.verb, e.entry_seq AS entry, e.of_id AS of, e.to_id AS to, e.turns_at AS at, e.changes, e.author, e.reason,
    e.said_at, o.recorded_at,
    CASE
        WHEN o.outcome = 'conflict' THEN 'no effect'
        WHEN x.seq IS NULL THEN 'standing'
        WHEN b.verb = 'correct' THEN 'superseded'
        ELSE 'reverted'
    END AS state, o.reason AS note
FROM edit AS e
JOIN outcome AS o ON o.seq = e.seq
LEFT JOIN set_aside AS x ON x.seq = e.seq
LEFT JOIN edit AS b ON b.seq = x.by_seq
ORDER BY e.seq
