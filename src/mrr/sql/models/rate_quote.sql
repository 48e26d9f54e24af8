-- One unit of each currency in the reporting currency, from a day on until the next. Grain: currency × day.
-- Inputs: rate, set_aside, policy. A currency that is quoted in another base is crossed with that base's rate, each at its latest.
WITH leg AS (
    SELECT currency, base, day, arg_min(num, source || ' ' || seq) AS num, arg_min(den, source || ' ' || seq) AS den
    FROM rate AS r ANTI JOIN set_aside AS x ON x.seq = r.seq
    GROUP BY currency, base, day
),
crossed AS (
    SELECT a.currency, a.base, d.day
    FROM (SELECT DISTINCT currency, base FROM leg) AS a
    JOIN policy AS p ON a.base <> p.report_currency AND a.currency <> p.report_currency
    JOIN leg AS d ON d.base = a.base AND d.currency IN (a.currency, p.report_currency)
    GROUP BY a.currency, a.base, d.day
),
both_legs AS (
    SELECT
        c.currency, c.base, c.day,
        last_value(own.num IGNORE NULLS) OVER so_far AS own_num, last_value(own.den IGNORE NULLS) OVER so_far AS own_den,
        last_value(own.day IGNORE NULLS) OVER so_far AS own_day,
        last_value(ours.num IGNORE NULLS) OVER so_far AS our_num, last_value(ours.den IGNORE NULLS) OVER so_far AS our_den,
        last_value(ours.day IGNORE NULLS) OVER so_far AS our_day
    FROM crossed AS c
    CROSS JOIN policy AS p
    LEFT JOIN leg AS own ON own.currency = c.currency AND own.base = c.base AND own.day = c.day
    LEFT JOIN leg AS ours ON ours.currency = p.report_currency AND ours.base = c.base AND ours.day = c.day
    WINDOW so_far AS (PARTITION BY c.currency, c.base ORDER BY c.day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
quoted AS (
    SELECT l.currency, l.base, l.day, CAST(l.num AS HUGEINT) AS num, CAST(l.den AS HUGEINT) AS den, l.day AS stated_on, 0 AS choice
    FROM leg AS l JOIN policy AS p ON l.base = p.report_currency
    UNION ALL
    SELECT b.base, p.report_currency, l.day, CAST(l.den AS HUGEINT), CAST(l.num AS HUGEINT), l.day, 1
    FROM (SELECT DISTINCT base FROM leg) AS b
    CROSS JOIN policy AS p
    JOIN leg AS l ON l.base = b.base AND l.currency = p.report_currency
    UNION ALL
    SELECT currency, base, day, CAST(own_num AS HUGEINT) * our_den, CAST(own_den AS HUGEINT) * our_num, least(own_day, our_day), 2
    FROM both_legs
    WHERE own_num IS NOT NULL AND our_num IS NOT NULL
),
chosen AS (
    SELECT q.*
    FROM quoted AS q
    JOIN (SELECT currency, min(choice || ' ' || base) AS best FROM quoted GROUP BY currency) AS b
        ON b.currency = q.currency AND b.best = q.choice || ' ' || q.base
)
SELECT currency, day, num, den, stated_on, lead(day) OVER (PARTITION BY currency ORDER BY day) AS until_day
FROM chosen
