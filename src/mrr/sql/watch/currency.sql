-- Whether an amount is in the currency of what it is for (F4): an item of its subscription, a line of its invoice, an invoice
-- of its subscription. Grain: item, line or invoice. Inputs: subscription_fact, subscription_item, invoice, invoice_line. $since, $until.
SELECT f.effective_at AS due_at, f.subscription_id AS subject, f.customer_id, f.seq, i.currency = f.currency AS ok
FROM subscription_fact AS f
JOIN subscription_item AS i ON i.shelf = f.shelf AND i.fact_id = f.fact_id
WHERE f.effective_at >= $since AND f.effective_at < $until AND f.currency IS NOT NULL
UNION ALL
SELECT v.effective_at, v.document_id, v.customer_id, v.seq, l.currency = v.currency
FROM invoice AS v
JOIN invoice_line AS l ON l.fact_id = v.fact_id
WHERE v.effective_at >= $since AND v.effective_at < $until
UNION ALL
SELECT v.effective_at, v.document_id, v.customer_id, v.seq, bool_or(f.currency = v.currency)
FROM invoice AS v
JOIN subscription_fact AS f ON f.shelf = shelf(v.subscription_id) AND f.subscription_id = v.subscription_id
WHERE v.effective_at >= $since AND v.effective_at < $until AND f.currency IS NOT NULL
GROUP BY v.effective_at, v.document_id, v.customer_id, v.seq, v.fact_id
