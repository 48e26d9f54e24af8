-- Entries by what they are filed under, whom they tell of, when they were recorded and what became of them, the newest
-- first, each with how many fit in all (a row without seq where all of them lie behind the page). Grain: entry.
-- Inputs: outcome, subscription_fact, attribute, customer_discount, invoice, payment, checkout, usage, cost.
WITH told AS (
    SELECT seq, customer_id FROM subscription_fact
    UNION ALL
    SELECT seq, customer_id FROM attribute
    UNION ALL
    SELECT seq, customer_id FROM customer_discount
    UNION ALL
    SELECT seq, customer_id FROM invoice
    UNION ALL
    SELECT seq, customer_id FROM payment
    UNION ALL
    SELECT seq, customer_id FROM checkout
    UNION ALL
    SELECT seq, customer_id FROM usage
    UNION ALL
    SELECT seq, customer_id FROM cost
),
fits AS (
    SELECT o.seq, o.source, o.key, o.kind, o.recorded_at, o.outcome, o.reason
    FROM outcome AS o
    WHERE ($text IS NULL OR contains(o.key, $text) OR contains(o.subject, $text))
        AND ($source IS NULL OR o.source = $source OR starts_with(o.source, $source || ':'))
        AND ($kind IS NULL OR o.kind = $kind OR starts_with(o.kind, $kind || '.'))
        AND ($outcome IS NULL OR o.outcome = $outcome)
        AND ($recorded_from IS NULL OR o.recorded_at >= $recorded_from)
        AND ($recorded_until IS NULL OR o.recorded_at < $recorded_until)
        AND ($customer IS NULL OR o.seq IN (
            SELECT t.seq FROM told AS t
            WHERE $customer IS NOT NULL AND ($customer IN (t.customer_id, regexp_replace(t.customer_id, '^[^/]*/', '')))))
),
page AS (
    SELECT * FROM fits WHERE $before IS NULL OR seq < $before ORDER BY seq DESC LIMIT $limit
)
SELECT c.matching, p.*
FROM (SELECT count(*) AS matching FROM fits) AS c
LEFT JOIN page AS p ON TRUE
ORDER BY p.seq DESC
