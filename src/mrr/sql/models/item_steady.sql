-- For how long an item stays as it is, where discounts are told of. Grain: version × item of a discounted subscription.
-- Inputs: item_version, discount_listed. Versions of an item with equal `change_no` have equal offer and quantity.
-- Only where: discount_listed.
WITH changed AS (
    SELECT
        version_id, version_no, subscription_id, item_id,
        lag(offer) OVER life IS DISTINCT FROM offer OR lag(quantity) OVER life IS DISTINCT FROM quantity AS changes
    FROM item_version
    SEMI JOIN (SELECT subscription_id FROM discount_listed) USING (subscription_id)
    WINDOW life AS (PARTITION BY subscription_id, item_id ORDER BY version_no)
)
SELECT
    version_id, version_no, subscription_id, item_id,
    count(*) FILTER (WHERE changes) OVER (PARTITION BY subscription_id, item_id ORDER BY version_no
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS change_no
FROM changed
