-- The proration lines of invoices that stand, with what they can be recomputed from. Grain: invoice line.
-- Inputs: last_document, invoice_line, subscription_fact, subscription_item, price_known, identity. The price is what the subscription said
-- of its id, else the catalogue's; the whole period is one that a snapshot of the subscription tells, ending with the
-- line; `billed_micros` is what was billed, less discounts, for that period as a whole.
WITH line AS (
    SELECT l.*, d.document_id, d.customer_id, d.effective_at, d.seq
    FROM invoice_line AS l
    JOIN last_document AS d ON d.fact_id = l.fact_id
    WHERE d.status NOT IN ('draft', 'void', 'deleted')
),
asked AS (
    SELECT *
    FROM line
    WHERE proration AND ends_at > starts_at
        AND ($first IS NULL OR effective_at >= $first) AND ($source IS NULL OR starts_with(document_id, $source || '/'))
),
told AS (
    SELECT
        a.document_id, a.line_id,
        arg_max(i, (f.effective_at, f.fact_id)) FILTER (WHERE i.unit_num IS NOT NULL OR i.tiers IS NOT NULL) AS item
    FROM asked AS a
    JOIN subscription_item AS i ON i.shelf = shelf(a.subscription_id) AND i.subscription_id = a.subscription_id
        AND i.price_id = a.price_id
    JOIN subscription_fact AS f ON f.fact_id = i.fact_id
    GROUP BY a.document_id, a.line_id
),
period AS (
    SELECT subscription_id, period_starts_at AS starts_at, period_ends_at AS ends_at FROM subscription_fact
    UNION
    SELECT subscription_id, period_starts_at, period_ends_at FROM subscription_item
),
whole AS (
    SELECT a.document_id, a.line_id, max(p.starts_at) AS starts_at
    FROM asked AS a
    JOIN period AS p ON p.subscription_id = a.subscription_id AND p.ends_at = a.ends_at AND p.starts_at <= a.starts_at
    GROUP BY a.document_id, a.line_id
),
billed AS (
    SELECT
        a.document_id, a.line_id, arg_max(b.amount_micros - b.discount_micros, b.effective_at) AS amount_micros,
        arg_max(b.quantity, b.effective_at) AS quantity
    FROM asked AS a
    JOIN whole AS w ON w.document_id = a.document_id AND w.line_id = a.line_id
    JOIN line AS b ON b.subscription_id = a.subscription_id AND b.price_id = a.price_id AND b.item_id IS NOT DISTINCT FROM a.item_id
        AND NOT b.proration AND b.starts_at = w.starts_at AND b.ends_at = a.ends_at
    GROUP BY a.document_id, a.line_id
)
SELECT
    a.document_id, a.line_id, coalesce(c.canonical_id, a.customer_id) AS customer_id, a.subscription_id, a.seq,
    a.price_id, a.currency, a.amount_micros, a.quantity, a.starts_at, a.ends_at, w.starts_at AS whole_starts_at,
    coalesce(t.item.unit_num, p.unit_num) AS unit_num, coalesce(t.item.unit_den, p.unit_den) AS unit_den,
    coalesce(t.item.tiers, p.tiers) AS tiers, coalesce(t.item.tiers_mode, p.tiers_mode) AS tiers_mode,
    coalesce(t.item.package, p.package, 1) AS package, coalesce(t.item.package_up, p.package_up, TRUE) AS package_up,
    coalesce(t.item.interval, p.interval) AS unit, coalesce(t.item.interval_count, p.interval_count, 1) AS units,
    b.amount_micros AS billed_micros, b.quantity AS billed_quantity
FROM asked AS a
LEFT JOIN told AS t ON t.document_id = a.document_id AND t.line_id = a.line_id
LEFT JOIN whole AS w ON w.document_id = a.document_id AND w.line_id = a.line_id
LEFT JOIN billed AS b ON b.document_id = a.document_id AND b.line_id = a.line_id
LEFT JOIN price_known AS p ON p.price_id = a.price_id
LEFT JOIN identity AS c ON c.customer_id = a.customer_id
ORDER BY a.seq, a.line_id
