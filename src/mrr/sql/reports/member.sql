-- Every valued level with the trait by which a report groups it. Grain: value row. Traits of the level itself only;
-- traits of the customer are cut in by member_cut.
SELECT
    v.customer_id, v.subscription_id, v.item_id, v.starts_at, v.ends_at, v.reporting_micros,
    v.product_id, v.price_id, v.currency, v.unit, v.units, CAST(NULL AS VARCHAR) AS trait
FROM seen_value AS v
