-- When each customer joined, with how much, and to which cohort it belongs. Grain: customer that ever had MRR.
-- Inputs: moved, period, calendar, report, attribute_period. $key is an attribute, or empty where cohorts are periods;
-- with $current the attribute's last known value counts, else the one at the end of the day of joining.
WITH begun AS (
    SELECT
        customer_id, arg_min(on_day, (window_starts_at, is_fx)) AS on_day,
        arg_min(after_micros, (window_starts_at, is_fx)) AS micros
    FROM moved
    WHERE after_micros > 0
    GROUP BY customer_id
),
dated AS (
    SELECT
        b.*, p.period_no, p.period_starts_on,
        CASE WHEN $current THEN r.as_of ELSE least(d.starts_at, r.as_of) END AS looks_at
    FROM begun AS b
    JOIN period AS p ON b.on_day >= p.opens_on AND b.on_day < p.closes_on
    JOIN calendar AS d ON d.day = b.on_day + 1
    CROSS JOIN report AS r
)
SELECT
    d.customer_id, d.on_day, d.period_no, d.micros, CASE WHEN $key = '' THEN CAST(d.period_starts_on AS VARCHAR) ELSE a.value END AS cohort
FROM dated AS d
LEFT JOIN ledger.attribute_period AS a
    ON a.customer_id = d.customer_id AND a.key = $key AND a.starts_at < d.looks_at AND a.ends_at >= d.looks_at
