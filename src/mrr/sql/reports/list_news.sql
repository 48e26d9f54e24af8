-- What a provider's list says that the book does not hold already. Grain: listed subscription that tells something new.
-- Inputs: told_subscription_fact, book_fact (the book's facts that stand), identity. `against` says why it may not
-- simply be taken over. News is also what is listed as before although a boundary has passed since.
WITH told AS (
    SELECT
        t.*, count(*) OVER same AS copies, count(DISTINCT t.content) OVER same AS tellings
    FROM told_subscription_fact AS t
    WINDOW same AS (PARTITION BY t.subscription_id)
    QUALIFY row_number() OVER (PARTITION BY t.subscription_id ORDER BY t.digest, t.fact_id) = 1
),
known AS (
    SELECT
        t.fact_id AS told_id, max(b.effective_at) AS known_at, max(b.seq) AS seq, min(b.started_at) AS started_at,
        arg_max(b, (b.effective_at, b.ordinal, b.fact_id)) FILTER (WHERE b.effective_at <= t.effective_at) AS last
    FROM told AS t
    JOIN book_fact AS b ON b.shelf = t.shelf AND b.subscription_id = t.subscription_id
    GROUP BY t.fact_id
)
SELECT
    t.fact_id, t.seq, t.subscription_id, t.customer_id, t.effective_at, k.last.customer_id AS book_customer_id,
    k.last.seq AS last_seq, k.last.effective_at AS last_at, coalesce(k.known_at > t.effective_at, FALSE) AS is_older,
    CASE
        WHEN t.tellings > 1 THEN 'it is listed twice, differently'
        WHEN t.truncated THEN 'its list of items is cut short'
        WHEN k.known_at > t.effective_at THEN 'the book knows something later of it'
        WHEN k.last.customer_id <> t.customer_id THEN 'it is another customer''s in the book'
        WHEN k.last.currency <> t.currency THEN 'it is in another currency in the book'
        WHEN k.last.status IN ('canceled', 'incomplete_expired') AND t.status NOT IN ('canceled', 'incomplete_expired')
            THEN 'it has ended for good in the book'
    END AS against
FROM told AS t
LEFT JOIN known AS k ON k.told_id = t.fact_id
WHERE k.last IS NULL OR k.last.content <> t.content
    OR k.last.cancel_at BETWEEN k.last.effective_at AND t.effective_at
    OR k.last.trial_ends_at BETWEEN k.last.effective_at AND t.effective_at
    OR k.last.resumes_at BETWEEN k.last.effective_at AND t.effective_at
    OR (k.last.cancel_at_period_end AND k.last.period_ends_at BETWEEN k.last.effective_at AND t.effective_at)
