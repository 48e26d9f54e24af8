-- What the lines say that bill an item at the end of a month, or last before it. Grain: item × month. Inputs: the models of
-- basis `invoice`, $shut. A line is looked at for 45 days behind its service period: that late a bill may come.
SELECT
    e.in_month, s.customer_id, s.subscription_id, s.item_id, max(s.starts_at) AS billed_from, bool_or(s.is_part) AS is_part,
    bool_or(s.net_micros <> s.gross_micros) AS discounted, bool_or(s.kind = 'one_time') AS one_time,
    bool_or(s.kind = 'usage') AS is_usage, bool_or(c.cause = 'credit_note') AS credited,
    bool_or(c.cause IN ('refund', 'dispute')) AS refunded
FROM temp.invoice_sold AS s
JOIN $shut AS e ON s.starts_at < e.closes_at AND s.ends_at + INTERVAL 45 DAY >= e.closes_at
LEFT JOIN temp.invoice_credit AS c ON c.document_id = s.document_id
GROUP BY e.in_month, s.customer_id, s.subscription_id, s.item_id
