-- What moved on which day, for all customers together. `customers` counts who became or ceased to be a customer then.
SELECT
    m.on_day, NULL AS trait, m.class, CAST(sum(m.amount_micros) AS BIGINT) AS amount_micros,
    CAST(sum(CASE WHEN m.is_fx THEN 0
        ELSE CAST(m.state_after IN ('active', 'held') AS INTEGER) - CAST(m.state_before IN ('active', 'held') AS INTEGER) END)
        AS BIGINT) AS customers
FROM seen_movement AS m
GROUP BY m.on_day, m.class
