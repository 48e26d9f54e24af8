-- For how long each line of an invoice counts. Grain: invoice × line × stretch in which its subscription can be billed for.
-- Inputs: service, billable, phase, policy. A line outlives its service period to the next line of its item, at most by
-- `invoice.carry`, and not beyond a known end; one that was given up ends there (`cut_at` is what it would have lived to).
-- Only where: service.
WITH edge AS (
    SELECT customer_id, subscription_id, item_id, starts_at AS turns_at, TRUE AS begins, ends_at FROM service WHERE kind = 'service'
    UNION ALL
    SELECT customer_id, subscription_id, item_id, ends_at, FALSE, NULL FROM service WHERE kind = 'service'
),
looked AS (
    SELECT
        e.*, min(CASE WHEN begins THEN turns_at END) OVER (PARTITION BY customer_id, subscription_id, item_id
            ORDER BY turns_at DESC, begins DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS next_at,
        max(ends_at) OVER (PARTITION BY customer_id, subscription_id, item_id
            ORDER BY turns_at, begins DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS reaches
    FROM edge AS e
),
follow AS (
    SELECT DISTINCT customer_id, subscription_id, item_id, turns_at AS ends_at, next_at, reaches FROM looked WHERE NOT begins
),
carried AS (
    SELECT
        s.*, coalesce(f.next_at, open_end()) AS next_at, CASE WHEN s.kind <> 'service' OR f.reaches > s.ends_at THEN s.ends_at
            ELSE least(coalesce(f.next_at, open_end()), s.ends_at + to_days(p.carry)) END AS carried_to
    FROM service AS s
    CROSS JOIN policy AS p
    LEFT JOIN follow AS f
        ON f.customer_id = s.customer_id AND f.subscription_id = s.subscription_id AND f.item_id = s.item_id AND f.ends_at = s.ends_at
),
lived AS (
    SELECT
        c.*, greatest(c.starts_at, coalesce(b.starts_at, c.starts_at)) AS lives_from,
        CASE WHEN b.subscription_id IS NULL THEN c.carried_to
            -- Beyond the subscription's end there is what was paid for, and a contract's grace.
            WHEN b.paid_through THEN least(c.carried_to, greatest(b.ends_at, least(c.ends_at, b.again_at)))
            WHEN b.tail_to > b.ends_at AND c.kind = 'service' AND c.carried_to >= b.ends_at THEN least(b.tail_to, c.next_at)
            ELSE least(c.carried_to, b.ends_at) END AS cut_at
    FROM carried AS c
    LEFT JOIN billable AS b ON b.subscription_id = c.subscription_id
    WHERE c.starts_at < b.ends_at OR c.subscription_id NOT IN (SELECT subscription_id FROM phase)
)
SELECT * EXCLUDE (next_at, carried_to), least(cut_at, coalesce(written_off_at, cut_at)) AS lives_to
FROM lived
WHERE lives_from < cut_at
