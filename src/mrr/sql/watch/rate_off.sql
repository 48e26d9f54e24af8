-- Rates of late that differ by more than $percent % from the one before of their source, or from another source's of the day (F4).
-- Grain: currency and day. Input: rate. $as_of: until when; $days: how far back the rate before may lie. A rate counts of the latest entry.
WITH said AS (
    SELECT *
    FROM rate
    WHERE day <= CAST($as_of AS DATE) AND day > CAST($as_of AS DATE) - to_days($days)
    QUALIFY row_number() OVER (PARTITION BY source, day, currency, base ORDER BY seq DESC) = 1
),
beside AS (
    SELECT
        s.*, lag(num) OVER told AS other_num, lag(den) OVER told AS other_den, lag(seq) OVER told AS other_seq,
        lag(day) OVER told AS other_day, source AS other_source
    FROM said AS s
    WINDOW told AS (PARTITION BY source, currency, base ORDER BY day)
    UNION ALL
    SELECT a.*, b.num, b.den, b.seq, b.day, b.source
    FROM said AS a
    JOIN said AS b ON b.day = a.day AND b.currency = a.currency AND b.base = a.base AND b.source < a.source
),
compared AS (
    SELECT
        *, CAST(abs(CAST(num AS HUGEINT) * other_den - CAST(other_num AS HUGEINT) * den) * 10000
            // (CAST(other_num AS HUGEINT) * den) AS BIGINT) AS hundredths
    FROM beside
    WHERE other_num > 0 AND day > CAST($as_of AS DATE) - to_days(3)
)
SELECT * FROM compared WHERE hundredths > 100 * $percent ORDER BY currency, day
