-- Subscriptions whose MRR differs from what their invoices say for an instant, and why. Grain: customer × subscription.
-- Inputs: our_value and their_value (values at the instant, by subscriptions and by invoices), last_document,
-- invoice_line, invoice, subscription_fact. The causes are tried in one order: what one side lacks, then what the
-- lines of the invoices for the instant show.
WITH side AS (
    SELECT
        customer_id, subscription_id, TRUE AS is_ours, reporting_micros, local_micros, quantity, currency, price_id, starts_at
    FROM our_value
    UNION ALL
    SELECT customer_id, subscription_id, FALSE, reporting_micros, local_micros, quantity, currency, price_id, starts_at
    FROM their_value
),
gap AS (
    SELECT
        customer_id, subscription_id,
        CAST(coalesce(sum(reporting_micros) FILTER (WHERE is_ours), 0) AS BIGINT) AS ours_micros,
        CAST(coalesce(sum(reporting_micros) FILTER (WHERE NOT is_ours), 0) AS BIGINT) AS theirs_micros,
        CAST(coalesce(sum(local_micros) FILTER (WHERE is_ours), 0) AS BIGINT) AS our_local,
        CAST(coalesce(sum(local_micros) FILTER (WHERE NOT is_ours), 0) AS BIGINT) AS their_local,
        sum(quantity) FILTER (WHERE is_ours) AS our_quantity, sum(quantity) FILTER (WHERE NOT is_ours) AS their_quantity,
        -- A line that names no price is of whichever price was subscribed.
        list_sort(list(DISTINCT price_id) FILTER (WHERE is_ours AND price_id IS NOT NULL))
            <> list_sort(list(DISTINCT price_id) FILTER (WHERE NOT is_ours AND price_id IS NOT NULL)) AS prices,
        max(starts_at) FILTER (WHERE is_ours) AS changed_at, count(DISTINCT currency) > 1 AS currencies
    FROM side
    GROUP BY customer_id, subscription_id
    HAVING coalesce(sum(reporting_micros) FILTER (WHERE is_ours), 0)
        <> coalesce(sum(reporting_micros) FILTER (WHERE NOT is_ours), 0)
),
shown AS (
    SELECT
        coalesce(l.subscription_id, d.subscription_id, d.customer_id) AS subscription_id,
        bool_or(d.status IN ('open', 'paid')) AS stands, bool_or(d.status = 'draft') AS draft,
        bool_or(d.status IN ('void', 'deleted')) AS void, bool_or(d.status = 'uncollectible') AS uncollectible,
        bool_or(l.proration) AS proration, bool_or(l.discount_micros <> 0) AS discount, bool_or(l.recurring IS FALSE) AS one_time,
        bool_or(d.document_id IN (SELECT invoice_id FROM invoice WHERE credit_note)) AS credit,
        max(coalesce(d.finalised_at, d.effective_at)) AS final_at, arg_max(d.document_id, d.effective_at) AS document_id
    FROM last_document AS d
    JOIN invoice_line AS l ON l.fact_id = d.fact_id
    WHERE l.starts_at <= $at AND l.ends_at > $at
    GROUP BY 1
),
snapshot AS (
    SELECT
        subscription_id, arg_max(status, (effective_at, ordinal, fact_id)) AS status,
        arg_max(paused, (effective_at, ordinal, fact_id)) AS paused,
        arg_max(period_ends_at, (effective_at, ordinal, fact_id)) AS period_ends_at
    FROM subscription_fact
    WHERE stands AND effective_at <= $at
    GROUP BY subscription_id
)
SELECT
    g.customer_id, g.subscription_id, g.ours_micros, g.theirs_micros, g.our_local, g.their_local, g.our_quantity,
    g.their_quantity, g.changed_at, s.document_id, s.final_at,
    CASE
        WHEN theirs_micros = 0 AND s.stands AND s.credit THEN 'credit'
        WHEN theirs_micros = 0 AND s.stands THEN 'discount'
        WHEN theirs_micros = 0 AND s.uncollectible THEN 'uncollectible'
        WHEN theirs_micros = 0 AND s.draft THEN 'draft'
        WHEN theirs_micros = 0 AND s.void THEN 'void'
        WHEN theirs_micros = 0 AND (g.changed_at > $at - INTERVAL 1 DAY
            OR n.period_ends_at BETWEEN $at - INTERVAL 2 DAY AND $at) THEN 'timing'
        WHEN theirs_micros = 0 THEN 'uninvoiced'
        WHEN ours_micros = 0 AND n.subscription_id IS NULL THEN 'manual'
        WHEN ours_micros = 0 AND n.status IN ('canceled', 'incomplete_expired') THEN 'ended'
        WHEN ours_micros = 0 AND n.paused THEN 'paused'
        WHEN ours_micros = 0 AND n.status = 'trialing' THEN 'trial'
        WHEN ours_micros = 0 THEN n.status
        WHEN g.currencies THEN 'currency'
        WHEN our_local = their_local THEN 'fx'
        WHEN abs(our_local - their_local) <= 20000 THEN 'rounding'
        WHEN g.changed_at > s.final_at THEN 'timing'
        WHEN g.prices THEN 'plan'
        WHEN g.our_quantity <> g.their_quantity THEN 'quantity'
        WHEN s.credit THEN 'credit'
        WHEN s.discount THEN 'discount'
        WHEN s.proration THEN 'proration'
        WHEN s.one_time THEN 'one-time'
        ELSE 'unexplained'
    END AS cause
FROM gap AS g
LEFT JOIN shown AS s ON s.subscription_id = g.subscription_id
LEFT JOIN snapshot AS n ON n.subscription_id = g.subscription_id
