-- Entries that contradict others and that no edit decides, with the time in which that bears: of a snapshot from its
-- instant to the next one that stands, of anything else from when it speaks on. Grain: entry.
-- Inputs: outcome, the tables of facts. What tells of no instant bears always.
WITH undecided AS (
    -- What an edit decided against is told as a conflict still, and the edit is named.
    SELECT seq, key, reason FROM outcome WHERE outcome = 'conflict' AND NOT regexp_matches(reason, 'edit [0-9]+ decides')
),
snapshot AS (
    SELECT f.fact_id, f.seq, f.effective_at, min(n.effective_at) AS next_at
    FROM subscription_fact AS f
    SEMI JOIN undecided AS u ON u.seq = f.seq
    LEFT JOIN subscription_fact AS n
        ON n.shelf = f.shelf AND n.subscription_id = f.subscription_id AND n.stands AND n.effective_at > f.effective_at
    GROUP BY f.fact_id, f.seq, f.effective_at
),
told AS (
    SELECT seq, effective_at AS starts_at, coalesce(next_at, open_end()) AS ends_at FROM snapshot
    UNION ALL SELECT seq, effective_at, open_end() FROM attribute
    UNION ALL SELECT seq, effective_at, open_end() FROM price
    UNION ALL SELECT seq, effective_at, open_end() FROM coupon
    UNION ALL SELECT seq, effective_at, open_end() FROM discount_given
    UNION ALL SELECT seq, effective_at, open_end() FROM customer_discount
    UNION ALL SELECT seq, effective_at, open_end() FROM invoice
    UNION ALL SELECT seq, effective_at, open_end() FROM payment
    UNION ALL SELECT seq, effective_at, open_end() FROM usage
    UNION ALL SELECT seq, turns_at, open_end() FROM continuation
    UNION ALL SELECT seq, CAST(day AS TIMESTAMP), open_end() FROM rate
)
SELECT
    u.seq, u.key, u.reason, min(coalesce(t.starts_at, TIMESTAMP '0001-01-01')) AS starts_at,
    max(coalesce(t.ends_at, open_end())) AS ends_at
FROM undecided AS u
LEFT JOIN told AS t ON t.seq = u.seq
GROUP BY u.seq, u.key, u.reason
ORDER BY u.seq
