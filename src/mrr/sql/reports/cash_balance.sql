-- The balance of each source and currency after everything that moved it and everything sent from it, in order.
-- Grain: line, and payout. Inputs: cash_line, cash_payout. It begins with the first that is known; where payments are
-- known from more than $days days before the first payout, it begins with that payout, which took what was available.
-- `low_micros` is how far below nothing payouts have taken it so far: that much of them nothing explains.
WITH sent AS (
    SELECT * FROM cash_payout WHERE outcome IN ('paid', 'pending') AND sent_at <= $at
),
span AS (
    SELECT
        s.source, s.currency, s.first_at,
        CASE WHEN l.first_at < s.first_at - to_days($days) THEN s.first_at END AS known_from
    FROM (SELECT source, currency, min(sent_at) AS first_at FROM sent GROUP BY source, currency) AS s
    LEFT JOIN (SELECT source, currency, min(happened_at) AS first_at FROM cash_line GROUP BY source, currency) AS l
        ON l.source = s.source AND l.currency = s.currency
),
moved AS (
    SELECT source, currency, line_id AS moved_id, happened_at AS moved_at, available_at, net_micros, FALSE AS is_payout
    FROM cash_line
    WHERE NOT held AND net_micros <> 0 AND happened_at <= $at
    UNION ALL
    SELECT source, currency, payout_id, sent_at, sent_at, -amount_micros, TRUE FROM sent WHERE held_micros IS NULL
),
run AS (
    SELECT
        m.*, s.known_from,
        CAST(sum(m.net_micros) OVER (
            PARTITION BY m.source, m.currency ORDER BY m.moved_at, m.is_payout, m.moved_id
        ) AS BIGINT) AS after_micros
    FROM moved AS m
    JOIN span AS s ON s.source = m.source AND s.currency = m.currency
    WHERE s.known_from IS NULL OR m.available_at > s.known_from
)
SELECT
    *,
    CAST(coalesce(min(CASE WHEN is_payout THEN least(after_micros, 0) END) OVER (
        PARTITION BY source, currency ORDER BY moved_at, is_payout, moved_id
    ), 0) AS BIGINT) AS low_micros
FROM run
