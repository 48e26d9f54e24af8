-- Checkouts that succeed: the share of people who set out to pay for the first time and did.
-- indicator: checkout.success
-- unit: share
-- formula: attempts with a success ÷ attempts. An attempt is all that one customer tried without pausing for a day: checkout
--   sessions, and payments before the first that went through; so a card that a gateway tries three times is one attempt. It
--   lies where it began, succeeded if any of it did, and failed by the code of its last failed payment, else as `abandoned`.
--   Sessions that are open for less than a day are not decided yet. A session without a customer stands for itself
-- caveats: Who leaves a session to expire counts as failed, though nothing broke; the objective that ships leaves them out.
--   Sources that tell a session only once it is over tell of failures a day late.
-- owner: growth
-- drift_risk: a source that tells only of sessions that were completed
-- cause: gateway
WITH session AS (
    SELECT
        c.checkout_id, c.effective_at, c.outcome, c.seq,
        max(coalesce(i.canonical_id, c.customer_id)) OVER (PARTITION BY c.checkout_id) AS customer_id
    FROM checkout AS c
    ANTI JOIN set_aside AS x ON x.seq = c.seq
    LEFT JOIN identity AS i ON i.customer_id = c.customer_id
),
first_paid AS (
    SELECT coalesce(i.canonical_id, p.customer_id) AS customer_id, min(p.effective_at) AS paid_at
    FROM payment AS p
    LEFT JOIN identity AS i ON i.customer_id = p.customer_id
    WHERE p.kind = 'attempt' AND p.outcome = 'succeeded'
    GROUP BY 1
),
tried AS (
    SELECT
        coalesce(s.customer_id, s.checkout_id) AS who, s.customer_id, s.effective_at AS happened_at, s.outcome = 'completed' AS good,
        s.outcome = 'started' AS is_open, CAST(NULL AS VARCHAR) AS failure_code, s.seq
    FROM session AS s, sli_look AS w
    WHERE s.effective_at >= w.since_at
    UNION ALL
    SELECT a.customer_id, a.customer_id, a.happened_at, a.good, FALSE, CASE WHEN NOT a.good THEN a.failure_code END, a.seq
    FROM sli_attempt AS a
    LEFT JOIN first_paid AS f ON f.customer_id = a.customer_id
    WHERE a.customer_id IS NOT NULL AND (f.paid_at IS NULL OR a.happened_at <= f.paid_at)
),
apart AS (
    SELECT *, coalesce(happened_at > lag(happened_at) OVER life + INTERVAL 1 DAY, TRUE) AS begins
    FROM tried
    WINDOW life AS (PARTITION BY who ORDER BY happened_at, seq)
),
numbered AS (
    SELECT *, sum(CAST(begins AS INTEGER)) OVER (PARTITION BY who ORDER BY happened_at, seq ROWS UNBOUNDED PRECEDING) AS attempt
    FROM apart
)
SELECT
    min(n.happened_at) AS happened_at,
    CASE WHEN NOT bool_or(n.good) THEN coalesce(arg_max(n.failure_code, n.happened_at), 'abandoned') END AS label,
    any_value(n.customer_id) AS customer_id, bool_or(n.good) AS good, CAST(NULL AS BIGINT) AS took_us, max(n.seq) AS seq
FROM numbered AS n, sli_look AS w
GROUP BY n.who, n.attempt, w.until_at
HAVING NOT (bool_and(n.is_open) AND max(n.happened_at) > w.until_at - INTERVAL 1 DAY)
