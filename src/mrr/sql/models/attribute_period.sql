-- The value of each attribute over time. Grain: customer × key × stretch, half-open. Inputs: attribute, identity, set_aside.
-- The latest fact at or before an instant holds; undated facts come first, ties fall to the lowest digest (A20).
WITH stated AS (
    SELECT
        coalesce(i.canonical_id, a.customer_id) AS customer_id, a.key, coalesce(a.effective_at, TIMESTAMP '1970-01-01') AS turns_at,
        arg_min(a.value, a.digest || a.value) AS value
    FROM attribute AS a
    ANTI JOIN set_aside AS x ON x.seq = a.seq
    LEFT JOIN identity AS i ON i.customer_id = a.customer_id
    SEMI JOIN scope_name AS s ON s.shelf = a.shelf AND s.customer_id = a.customer_id
    GROUP BY 1, 2, 3
),
marked AS (
    SELECT *, lag(value) OVER life IS NOT DISTINCT FROM value AND lag(turns_at) OVER life IS NOT NULL AS goes_on
    FROM stated
    WINDOW life AS (PARTITION BY customer_id, key ORDER BY turns_at)
)
SELECT
    customer_id, key, value, turns_at AS starts_at,
    coalesce(lead(turns_at) OVER (PARTITION BY customer_id, key ORDER BY turns_at), open_end()) AS ends_at
FROM marked
WHERE NOT goes_on
