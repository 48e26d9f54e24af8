-- Levels that cannot be reckoned yet, and why: never 0, never dropped. Grain: item × reason. Inputs: piece,
-- invoice_sold, service, invoice_standing, usage_told, invoice_level, started, level, value, policy.
SELECT
    customer_id, subscription_id, item_id, min(starts_at) AS starts_at,
    'its price or discount is not in the catalogue' AS reason
FROM piece
WHERE pending AND customer_id IN (SELECT customer_id FROM scope_customer)
GROUP BY customer_id, subscription_id, item_id
UNION ALL
SELECT l.customer_id, l.subscription_id, l.item_id, min(l.starts_at), 'no exchange rate for ' || l.currency
FROM level AS l
CROSS JOIN horizon AS z
LEFT JOIN (
    SELECT subscription_id, item_id, min(starts_at) AS starts_at FROM value GROUP BY subscription_id, item_id
) AS v ON v.subscription_id = l.subscription_id AND v.item_id = l.item_id
WHERE l.starts_at < z.turns_at AND (v.starts_at IS NULL OR l.starts_at < v.starts_at)
GROUP BY l.customer_id, l.subscription_id, l.item_id, l.currency
UNION ALL
SELECT u.customer_id, u.subscription_id, u.item_id, min(u.final_at), 'a line of invoice '
    || substr(u.document_id, strpos(u.document_id, '/') + 1) || ' has no service period'
FROM invoice_sold AS u
JOIN policy AS p ON p.basis = 'invoice'
WHERE u.kind = 'unread' AND u.customer_id IN (SELECT customer_id FROM scope_customer)
GROUP BY u.customer_id, u.subscription_id, u.item_id, u.document_id
UNION ALL
SELECT u.customer_id, u.subscription_id, u.item_id, min(u.starts_at), 'invoice ' || substr(u.document_id, strpos(u.document_id, '/') + 1)
    || ' bills part of a period, and of which is not known'
FROM invoice_sold AS u
JOIN policy AS p ON p.basis = 'invoice'
ANTI JOIN service AS s ON s.document_id = u.document_id AND s.line_id = u.line_id
WHERE u.kind = 'service' AND u.customer_id IN (SELECT customer_id FROM scope_customer)
GROUP BY u.customer_id, u.subscription_id, u.item_id, u.document_id
UNION ALL
SELECT s.customer_id, s.subscription_id, NULL, s.final_at, 'the list of lines of invoice '
    || substr(s.document_id, strpos(s.document_id, '/') + 1) || ' is cut short'
FROM invoice_standing AS s
JOIN policy AS p ON p.basis = 'invoice'
WHERE s.is_cut AND s.customer_id IN (SELECT customer_id FROM scope_customer)
UNION ALL
SELECT customer_id, subscription_id, item_id, min(used_at), 'usage of ' || meter || ' belongs to no metered price that is known'
FROM usage_told
WHERE terms IS NULL AND amount_micros IS NULL
GROUP BY customer_id, subscription_id, item_id, meter
UNION ALL
SELECT i.customer_id, i.subscription_id, NULL, min(i.starts_at),
    CASE p.starting WHEN 'finalised' THEN 'no final invoice of it is known' ELSE 'no payment of it is known' END
FROM (
    SELECT customer_id, subscription_id, starts_at FROM piece WHERE NOT pending
    UNION ALL SELECT customer_id, subscription_id, starts_at FROM invoice_level WHERE cause IS NULL
) AS i
JOIN policy AS p ON p.starting <> 'activation'
ANTI JOIN started AS s ON s.subscription_id = i.subscription_id
WHERE i.customer_id IN (SELECT customer_id FROM scope_customer)
GROUP BY i.customer_id, i.subscription_id, p.starting
