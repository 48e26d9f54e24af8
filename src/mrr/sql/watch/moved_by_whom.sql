-- Whom a class of movements concerns on a day, and the entries behind it. Grain: customer × entry. Inputs: ledger.movement, ledger.line.
-- $class, $day. A version is told by the fact of half its number, and a fact by the entry that its number begins with.
SELECT DISTINCT m.customer_id, coalesce(l.version_after, l.version_before) // 2 // 4096 AS seq, abs(m.amount_micros) AS size_micros
FROM ledger.movement AS m
LEFT JOIN ledger.line AS l ON l.customer_id = m.customer_id AND l.window_starts_at = m.window_starts_at AND l.in_flow
WHERE NOT m.is_fx AND m.class = $class AND m.on_day = $day
ORDER BY size_micros DESC, m.customer_id, seq
