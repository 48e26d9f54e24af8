-- When each discount takes from each item. Grain: version × item × discount, half-open. Inputs: discount_cover,
-- billing_boundary, item_steady, version. A discount holds to the end of the last billing period that starts before
-- its end, `once` for the period in which it starts, both also after the provider dropped them (DESIGN §8, A8, A9).
-- `listed_no` is the last version that listed it: it stacks by that, then by its place in the list.
-- Only where: discount_cover.
WITH reaching AS (
    SELECT
        c.*, n.change_no, coalesce(b.boundary_at, c.aims_at, open_end()) AS holds_to,
        NOT c.listed_next AND (c.duration = 'once' OR coalesce(c.listed_to >= c.ends_at, FALSE)) AS outlives_list
    FROM discount_cover AS c
    JOIN item_steady AS n ON n.version_id = c.version_id AND n.item_id = c.item_id
    LEFT JOIN billing_boundary AS b
        ON b.version_id = c.version_id AND b.item_id = c.item_id AND b.aims_at = c.aims_at
),
term AS (
    SELECT
        version_id, item_id, position, version_no AS listed_no, discount_id, keep_num, keep_den, amount_micros,
        greatest(version_starts_at, listed_from, coalesce(starts_at, listed_from)) AS starts_at,
        least(version_ends_at, holds_to,
            CASE WHEN of_customer AND outlives_list THEN open_end() ELSE listed_to END) AS ends_at
    FROM reaching
    UNION ALL
    SELECT
        k.version_id, r.item_id, r.position, r.version_no, r.discount_id, r.keep_num, r.keep_den, r.amount_micros,
        v.starts_at, least(coalesce(v.next_starts_at, open_end()), r.holds_to)
    FROM reaching AS r
    JOIN item_steady AS k
        ON k.subscription_id = r.subscription_id AND k.item_id = r.item_id
        AND (r.duration = 'once' OR k.change_no = r.change_no)
        AND k.version_no > r.version_no AND (r.again_no IS NULL OR k.version_no < r.again_no)
    JOIN version AS v ON v.version_id = k.version_id
    WHERE r.outlives_list AND NOT r.of_customer AND v.starts_at < r.holds_to
)
SELECT *, keep_num IS NULL AND amount_micros IS NULL AS pending
FROM term
WHERE starts_at < ends_at
