-- Members cut where an attribute of their customer changes; `trait` becomes its value (NULL where it has none).
-- $member is where they stand, $key the attribute; with $current the value it has at the end holds for all time; nothing behind $as_of counts.
WITH stated AS (
    SELECT customer_id, value, starts_at, CASE WHEN ends_at >= $as_of THEN open_end() ELSE ends_at END AS ends_at
    FROM ledger.attribute_period
    WHERE key = $key AND starts_at < $as_of
),
filled AS (
    SELECT customer_id, value, starts_at, ends_at FROM stated WHERE NOT $current
    UNION ALL
    SELECT customer_id, arg_max(value, starts_at), TIMESTAMP '1970-01-01', open_end() FROM stated WHERE $current GROUP BY customer_id
    UNION ALL
    SELECT m.customer_id, NULL, TIMESTAMP '1969-01-01', coalesce(s.starts_at, open_end())
    FROM (SELECT DISTINCT customer_id FROM $member) AS m
    LEFT JOIN (
        SELECT customer_id, CASE WHEN $current THEN TIMESTAMP '1970-01-01' ELSE min(starts_at) END AS starts_at
        FROM stated GROUP BY customer_id
    ) AS s ON s.customer_id = m.customer_id
)
SELECT
    m.* EXCLUDE (starts_at, ends_at, trait), greatest(m.starts_at, f.starts_at) AS starts_at,
    least(m.ends_at, f.ends_at) AS ends_at, f.value AS trait
FROM $member AS m
JOIN filled AS f ON f.customer_id = m.customer_id AND f.starts_at < m.ends_at AND f.ends_at > m.starts_at
