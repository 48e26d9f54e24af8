-- The roll-forward over each stretch. Grain: period × group. Inputs: spine, flow, report.
-- The ending is that of the period; the opening is what it was before all that moved in the stretch, which may begin
-- long before the period. `base_*` is what churn is divided by (report.churn_rate.denominator), `base_times` over.
WITH flowed AS (
    SELECT
        period_starts_on, trait, sum(net_micros) AS micros, sum(net_customers) AS customers, sum(net_payers) AS payers,
        sum(amount_micros) AS moved_micros, sum(customers) AS moved_customers,
        sum(amount_micros) FILTER (WHERE class = 'new') AS new_micros,
        sum(amount_micros) FILTER (WHERE class = 'expansion') AS expansion_micros,
        sum(amount_micros) FILTER (WHERE class = 'contraction') AS contraction_micros,
        sum(amount_micros) FILTER (WHERE class = 'churn') AS churn_micros,
        sum(amount_micros) FILTER (WHERE class = 'reactivation') AS reactivation_micros,
        sum(amount_micros) FILTER (WHERE class = 'fx') AS fx_micros,
        sum(amount_micros) FILTER (WHERE class = 'entering') AS entering_micros,
        sum(amount_micros) FILTER (WHERE class = 'leaving') AS leaving_micros,
        sum(customers) FILTER (WHERE class = 'new') AS customers_new,
        -sum(customers) FILTER (WHERE class = 'churn') AS customers_churned,
        sum(customers) FILTER (WHERE class = 'reactivation') AS customers_reactivated
    FROM flow
    GROUP BY period_starts_on, trait
),
whole AS (
    SELECT
        s.*,
        CAST(sum(coalesce(f.micros, 0)) OVER so_far - coalesce(f.moved_micros, 0) AS BIGINT) AS opening_micros,
        CAST(coalesce(f.new_micros, 0) AS BIGINT) AS new_micros,
        CAST(coalesce(f.expansion_micros, 0) AS BIGINT) AS expansion_micros,
        CAST(coalesce(f.contraction_micros, 0) AS BIGINT) AS contraction_micros,
        CAST(coalesce(f.churn_micros, 0) AS BIGINT) AS churn_micros,
        CAST(coalesce(f.reactivation_micros, 0) AS BIGINT) AS reactivation_micros,
        CAST(coalesce(f.fx_micros, 0) AS BIGINT) AS fx_micros,
        CAST(coalesce(f.entering_micros, 0) AS BIGINT) AS entering_micros,
        CAST(coalesce(f.leaving_micros, 0) AS BIGINT) AS leaving_micros,
        CAST(sum(coalesce(f.micros, 0)) OVER so_far AS BIGINT) AS ending_micros,
        CAST(sum(coalesce(f.customers, 0)) OVER so_far - coalesce(f.moved_customers, 0) AS BIGINT) AS customers_opening,
        CAST(coalesce(f.customers_new, 0) AS BIGINT) AS customers_new,
        CAST(coalesce(f.customers_churned, 0) AS BIGINT) AS customers_churned,
        CAST(coalesce(f.customers_reactivated, 0) AS BIGINT) AS customers_reactivated,
        CAST(sum(coalesce(f.customers, 0)) OVER so_far AS BIGINT) AS customers_ending,
        CAST(sum(coalesce(f.payers, 0)) OVER so_far AS BIGINT) AS payers_ending
    FROM spine AS s
    LEFT JOIN flowed AS f ON f.period_starts_on = s.period_starts_on AND f.trait IS NOT DISTINCT FROM s.trait
    WINDOW so_far AS (PARTITION BY s.trait ORDER BY s.period_starts_on)
)
SELECT
    w.*, CASE WHEN r.denominator = 'average' THEN 2 ELSE 1 END AS base_times,
    CASE r.denominator
        WHEN 'average' THEN opening_micros + ending_micros
        WHEN 'opening_plus_new' THEN opening_micros + new_micros + reactivation_micros
        ELSE opening_micros END AS base_micros,
    CASE r.denominator
        WHEN 'average' THEN customers_opening + customers_ending
        WHEN 'opening_plus_new' THEN customers_opening + customers_new + customers_reactivated
        ELSE customers_opening END AS base_customers
FROM whole AS w
CROSS JOIN report AS r
