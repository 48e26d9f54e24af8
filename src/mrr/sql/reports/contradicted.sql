-- The entries that contradict an entry, or that it contradicts. Grain: entry. Inputs: outcome, subscription_fact.
SELECT o.seq
FROM outcome AS e
JOIN outcome AS o ON o.shelf = e.shelf AND o.source = e.source AND o.key = e.key AND o.subject = e.subject
    AND o.content <> e.content
WHERE e.seq = $entry AND e.subject NOT LIKE '%Subscription/%'
UNION
SELECT o.seq
FROM subscription_fact AS f
JOIN subscription_fact AS o
    ON o.shelf = f.shelf AND o.subscription_id = f.subscription_id AND o.effective_at = f.effective_at AND o.seq <> f.seq
JOIN outcome AS t ON t.seq IN (f.seq, o.seq) AND t.outcome = 'conflict'
WHERE f.seq = $entry
