-- The items that a truncated list leaves out: they go on as they were (DESIGN §5). Grain: version × item, with the fact that
-- listed it last. Inputs: version, subscription_item.
-- Only where: SELECT 1 FROM version WHERE truncated.
WITH listed AS (
    SELECT
        v.version_no, v.complete_no, v.subscription_id, v.fact_id, v.currency, i.item_id,
        lead(v.version_no) OVER (PARTITION BY v.subscription_id, v.complete_no, i.item_id ORDER BY v.version_no)
            AS listed_again_no
    FROM version AS v
    SEMI JOIN (SELECT subscription_id FROM version WHERE truncated) AS t ON t.subscription_id = v.subscription_id
    JOIN subscription_item AS i ON i.shelf = v.shelf AND i.fact_id = v.fact_id
)
SELECT
    w.version_id, w.version_no, w.shelf, l.currency, w.period_starts_at, w.period_ends_at, l.fact_id AS listed_by_id,
    l.item_id
FROM listed AS l
JOIN version AS w
    ON w.subscription_id = l.subscription_id AND w.complete_no = l.complete_no AND w.truncated
    AND w.version_no > l.version_no AND (l.listed_again_no IS NULL OR w.version_no < l.listed_again_no)
