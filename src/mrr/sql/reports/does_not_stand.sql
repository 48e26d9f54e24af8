-- The entry that stands where an entry's facts do not, although no edit set them aside. Grain: entry. Inputs:
-- subscription_fact, set_aside.
SELECT DISTINCT o.seq
FROM subscription_fact AS f
ANTI JOIN set_aside AS x ON x.seq = f.seq
JOIN subscription_fact AS o
    ON o.shelf = f.shelf AND o.subscription_id = f.subscription_id AND o.effective_at = f.effective_at AND o.stands
WHERE f.seq = $1 AND NOT f.stands
ORDER BY o.seq
