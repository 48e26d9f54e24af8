-- The entries behind a movement: of each subscription that it touches, the snapshot in force before its window, those
-- inside it, and the next one where it moved a boundary back; on basis invoice the bills that count around it and what was
-- taken back of them; and what was used. Grain: entry. Inputs: clock, line, invoice_life, invoice_credit, usage_told, outcome.
WITH m AS (
    SELECT * FROM temp.movement WHERE movement_id = $movement
),
touched AS (
    SELECT DISTINCT m.customer_id, l.subscription_id, m.window_starts_at, w.window_ends_at
    FROM m
    JOIN temp.line AS l ON l.customer_id = m.customer_id AND l.window_starts_at = m.window_starts_at
    JOIN temp.customer_window AS w ON w.customer_id = m.customer_id AND w.window_starts_at = m.window_starts_at
)
SELECT DISTINCT
    o.seq, o.key, o.kind, o.recorded_at, v.starts_at AS effective_at, v.subscription_id, v.status, v.assumed
FROM touched AS t
JOIN temp.clock AS v
    ON v.subscription_id = t.subscription_id AND v.starts_at < t.window_ends_at
    AND coalesce(v.next_starts_at, open_end()) >= t.window_starts_at
JOIN outcome AS o ON o.seq = v.fact_id // $per_entry
UNION
SELECT o.seq, o.key, o.kind, o.recorded_at, n.starts_at, n.subscription_id, n.status, n.assumed
FROM touched AS t
JOIN temp.clock AS v
    ON v.subscription_id = t.subscription_id
    AND coalesce(v.ended_from, v.converts_at) >= t.window_starts_at AND coalesce(v.ended_from, v.converts_at) < t.window_ends_at
JOIN temp.clock AS n ON n.subscription_id = v.subscription_id AND n.version_no = v.version_no + 1
JOIN outcome AS o ON o.seq = n.fact_id // $per_entry
UNION
SELECT o.seq, o.key, o.kind, o.recorded_at, l.starts_at, l.subscription_id, 'billed', FALSE
FROM touched AS t
JOIN temp.invoice_life AS l
    ON l.customer_id = t.customer_id AND l.subscription_id = t.subscription_id AND l.lives_from < t.window_ends_at
    AND l.cut_at >= t.window_starts_at
JOIN outcome AS o ON o.seq = l.fact_id // $per_entry
UNION
SELECT o.seq, o.key, o.kind, o.recorded_at, c.starts_at, l.subscription_id, c.cause, FALSE
FROM touched AS t
JOIN temp.invoice_life AS l
    ON l.customer_id = t.customer_id AND l.subscription_id = t.subscription_id AND l.lives_from < t.window_ends_at
    AND l.cut_at >= t.window_starts_at
JOIN temp.invoice_credit AS c ON c.document_id = l.document_id AND c.starts_at < t.window_ends_at
JOIN outcome AS o ON o.seq = c.fact_id // $per_entry
UNION
SELECT o.seq, o.key, o.kind, o.recorded_at, u.used_at, u.subscription_id, 'used', FALSE
FROM touched AS t
JOIN temp.usage_told AS u
    ON u.customer_id = t.customer_id AND u.subscription_id = t.subscription_id AND u.used_at < t.window_ends_at
JOIN outcome AS o ON o.seq = u.fact_id // $per_entry
ORDER BY 5, 1
