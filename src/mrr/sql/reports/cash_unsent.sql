-- Payments that no payout covers: what is left of a balance is what came in last. Grain: line. Inputs: cash_balance,
-- cash_line, cash_payout. Only what has been available since before $due; `failed_id` is the last payout that should have
-- taken it and came back.
WITH left_over AS (
    SELECT source, currency, arg_max(after_micros - low_micros, (moved_at, is_payout, moved_id)) AS left_micros
    FROM cash_balance
    GROUP BY source, currency
),
behind AS (
    SELECT
        b.source, b.currency, b.moved_id, b.available_at, b.net_micros, l.left_micros,
        CAST(sum(b.net_micros) OVER (
            PARTITION BY b.source, b.currency ORDER BY b.available_at DESC, b.moved_id DESC
        ) AS BIGINT) - b.net_micros AS newer_micros
    FROM cash_balance AS b
    JOIN left_over AS l ON l.source = b.source AND l.currency = b.currency
    WHERE NOT b.is_payout AND b.net_micros > 0
)
SELECT
    b.source, b.currency, c.subject_id, c.customer_id, c.seq, b.available_at, b.net_micros,
    least(b.net_micros, b.left_micros - b.newer_micros) AS unsent_micros, f.payout_id AS failed_id, f.failure_code
FROM behind AS b
JOIN cash_line AS c ON c.line_id = b.moved_id
LEFT JOIN cash_payout AS f
    ON f.source = b.source AND f.currency = b.currency AND f.outcome IN ('failed', 'canceled') AND f.sent_at >= c.happened_at
        AND f.sent_at <= $at
WHERE b.left_micros > b.newer_micros AND b.available_at <= $due
QUALIFY row_number() OVER (PARTITION BY b.moved_id ORDER BY f.sent_at DESC, f.payout_id) = 1
