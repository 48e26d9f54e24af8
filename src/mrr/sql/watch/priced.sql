-- Whether a price is told at the amount that it had: in a snapshot of a subscription, and on an invoice's line for a whole period,
-- which is unit × quantity (F3). Grain: item of a snapshot, or line. Inputs: subscription_fact, subscription_item, invoice, invoice_line.
-- $since, $until: of which instants. What a price was told at most often is its amount; tiers and packages are left to proration_line.
WITH told AS (
    SELECT i.price_id, i.currency, i.unit_num, i.unit_den, count(*) AS times
    FROM subscription_item AS i
    WHERE i.price_id IS NOT NULL AND i.unit_num IS NOT NULL AND i.tiers IS NULL AND coalesce(i.package, 1) = 1
        AND coalesce(i.usage_type, 'licensed') <> 'metered'
    GROUP BY i.price_id, i.currency, i.unit_num, i.unit_den
    QUALIFY row_number() OVER (PARTITION BY i.price_id, i.currency ORDER BY count(*) DESC, i.unit_num) = 1
),
item AS (
    SELECT
        f.effective_at AS due_at, f.subscription_id AS subject, f.customer_id, f.seq,
        i.unit_num * CAST(t.unit_den AS HUGEINT) = t.unit_num * CAST(i.unit_den AS HUGEINT) AS ok
    FROM subscription_fact AS f
    JOIN subscription_item AS i ON i.shelf = f.shelf AND i.fact_id = f.fact_id
    JOIN told AS t ON t.price_id = i.price_id AND t.currency = i.currency
    WHERE f.effective_at >= $since AND f.effective_at < $until AND i.unit_num IS NOT NULL
),
line AS (
    SELECT
        v.effective_at AS due_at, v.document_id AS subject, v.customer_id, v.seq, l.amount_micros,
        t.unit_num * CAST(l.quantity AS HUGEINT) * 1000000 AS num, CAST(t.unit_den AS HUGEINT) AS den
    FROM invoice AS v
    JOIN invoice_line AS l ON l.fact_id = v.fact_id
    JOIN told AS t ON t.price_id = l.price_id AND t.currency = l.currency
    WHERE NOT v.credit_note AND NOT l.proration AND l.kind = 'subscription' AND l.quantity IS NOT NULL AND l.amount_micros <> 0
        AND v.effective_at >= $since AND v.effective_at < $until
)
SELECT * FROM item
UNION ALL
-- An invoice may round to whole major units where its currency has no smaller one.
SELECT due_at, subject, customer_id, seq, abs(amount_micros * den - num) <= 1000000 * den FROM line
