-- Who joined and left within a stretch (report.same_period_join_leave = hide): no customer before the first of its
-- movements there, and none after the last. Grain: stretch × customer. Inputs: seen_movement, period.
SELECT p.period_starts_on, m.customer_id
FROM seen_movement AS m
JOIN period AS p ON m.on_day >= p.opens_on AND m.on_day < p.closes_on
GROUP BY p.period_starts_on, m.customer_id
HAVING arg_min(m.state_before, m.window_starts_at) NOT IN ('active', 'held')
    AND arg_max(m.state_after, m.window_starts_at) NOT IN ('active', 'held')
