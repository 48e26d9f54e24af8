-- Stretches of a snapshot in which neither its state nor the discounts on its bill change. Grain: version × span.
-- Inputs: phase, discount_term. Half-open.
WITH edge AS (
    SELECT version_id, starts_at AS turns_at FROM discount_term
    UNION
    SELECT version_id, ends_at FROM discount_term
),
cut AS (
    SELECT p.*, p.starts_at AS turns_at FROM phase AS p SEMI JOIN edge AS e ON e.version_id = p.version_id
    UNION ALL
    SELECT p.*, e.turns_at
    FROM phase AS p
    JOIN edge AS e ON e.version_id = p.version_id AND e.turns_at > p.starts_at AND e.turns_at < p.ends_at
)
SELECT * FROM phase AS p ANTI JOIN discount_term AS t ON t.version_id = p.version_id
UNION ALL BY NAME
SELECT
    c.* EXCLUDE (starts_at, ends_at, turns_at), c.turns_at AS starts_at,
    coalesce(lead(c.turns_at) OVER (PARTITION BY c.version_id, c.starts_at ORDER BY c.turns_at), c.ends_at) AS ends_at
FROM cut AS c
