-- When each customer was first heard of, as a member of that instant. Grain: customer.
-- Inputs: subscription_fact, attribute, set_aside, identity, excluded.
WITH heard AS (
    SELECT customer_id, least(effective_at, coalesce(started_at, effective_at)) AS heard_at FROM subscription_fact WHERE stands
    UNION ALL
    SELECT customer_id, effective_at FROM attribute ANTI JOIN set_aside USING (seq) WHERE effective_at IS NOT NULL
),
first_heard AS (
    SELECT coalesce(i.canonical_id, h.customer_id) AS customer_id, min(h.heard_at) AS heard_at
    FROM heard AS h
    LEFT JOIN identity AS i ON i.customer_id = h.customer_id
    GROUP BY coalesce(i.canonical_id, h.customer_id)
)
SELECT
    customer_id, heard_at AS starts_at, heard_at + INTERVAL 1 MICROSECOND AS ends_at, CAST(NULL AS VARCHAR) AS trait
FROM first_heard
WHERE customer_id NOT IN (SELECT customer_id FROM ledger.excluded)
