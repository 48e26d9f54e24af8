-- What became of each cohort, period after period. Grain: cohort × number of periods since joining, over by now.
-- Inputs: joined, moved, period. `members` and `joined_micros` are those for whom that period is over.
WITH lasting AS (
    SELECT
        customer_id, after_micros, on_day,
        coalesce(lead(on_day) OVER (PARTITION BY customer_id ORDER BY window_starts_at, is_fx), DATE '9999-12-31') AS until_day
    FROM moved
),
stood AS (
    SELECT
        j.cohort, j.period_no AS joined_no, p.period_no, count(*) AS payers, sum(l.after_micros) AS micros
    FROM joined AS j
    JOIN lasting AS l ON l.customer_id = j.customer_id AND l.after_micros > 0
    JOIN period AS p
        ON p.complete AND p.period_no >= j.period_no AND p.closes_on > l.on_day AND p.closes_on <= l.until_day
    GROUP BY j.cohort, j.period_no, p.period_no
),
base AS (
    SELECT cohort, period_no, count(*) AS members, sum(micros) AS joined_micros
    FROM joined
    GROUP BY cohort, period_no
)
SELECT
    b.cohort, p.period_no - b.period_no AS periods_since, CAST(sum(b.members) AS BIGINT) AS members,
    CAST(sum(b.joined_micros) AS BIGINT) AS joined_micros, CAST(sum(coalesce(s.payers, 0)) AS BIGINT) AS payers,
    CAST(sum(coalesce(s.micros, 0)) AS BIGINT) AS micros
FROM base AS b
JOIN period AS p ON p.complete AND p.period_no >= b.period_no
LEFT JOIN stood AS s
    ON s.cohort IS NOT DISTINCT FROM b.cohort AND s.joined_no = b.period_no AND s.period_no = p.period_no
GROUP BY b.cohort, p.period_no - b.period_no
