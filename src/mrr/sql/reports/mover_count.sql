-- How many customers moved, and in which class. Grain: period × class. Inputs: moved, period.
SELECT p.period_starts_on, m.class, count(DISTINCT m.customer_id) AS customers
FROM moved AS m
JOIN period AS p ON m.on_day >= p.opens_on AND m.on_day < p.closes_on
GROUP BY p.period_starts_on, m.class
