-- What each line bills a month, over its service period; none on basis subscription. Grain: invoice × line. Inputs: invoice_sold, currency_step, policy.
-- A line for part of a period stands under `full_period` for what the whole period costs: the bill of a whole period of
-- the same price and quantity, else the price itself, where the part's amount agrees with it to the minor unit and a day;
-- else what the amount comes to over the whole period, in micros. `term_starts_at`: the start of the period it is part of.
-- Only where: invoice_sold.
WITH sold AS (
    SELECT s.* FROM invoice_sold AS s JOIN policy AS p ON p.basis = 'invoice'
),
whole AS (
    SELECT * FROM sold WHERE kind = 'service' AND NOT is_part
),
part AS (
    SELECT * FROM sold WHERE kind = 'service' AND is_part
),
-- The whole period around a part: that of a line of the same item, of the same subscription, or the price's interval.
hosted AS (
    SELECT
        p.*, w.starts_at AS host_starts_at, date_diff('microsecond', w.starts_at, w.ends_at) AS host_length,
        w.months_num AS host_num, w.months_den AS host_den, w.billed_unit AS host_unit, w.billed_units AS host_units
    FROM part AS p
    LEFT JOIN whole AS w
        ON w.customer_id = p.customer_id AND w.subscription_id = p.subscription_id
        AND w.starts_at <= p.starts_at AND w.ends_at >= p.ends_at
        AND (p.unit IS NULL OR w.unit IS NULL OR (p.unit = w.unit AND p.units = w.units))
    QUALIFY row_number() OVER (PARTITION BY p.document_id, p.line_id ORDER BY w.item_id = p.item_id DESC NULLS LAST,
        w.ends_at = p.ends_at DESC, w.starts_at DESC, w.document_id, w.line_id) = 1
),
-- A whole period of the same price and quantity: the last that began by then, else the first after it.
priced AS (
    SELECT
        h.*, w.gross_micros AS same_gross, w.net_micros AS same_net,
        CASE WHEN h.unit_num IS NOT NULL AND NOT h.tiered
                AND (CAST(h.unit_num AS HUGEINT) * h.quantity * 1000000) % h.unit_den = 0
            THEN CAST(h.unit_num AS HUGEINT) * h.quantity * 1000000 // h.unit_den END AS list_gross
    FROM hosted AS h
    LEFT JOIN whole AS w
        ON w.customer_id = h.customer_id AND w.subscription_id = h.subscription_id AND w.item_id = h.item_id
        AND w.quantity = h.quantity AND w.price_id IS NOT DISTINCT FROM h.price_id
        AND w.product_id IS NOT DISTINCT FROM h.product_id AND w.currency = h.currency
    QUALIFY row_number() OVER (PARTITION BY h.document_id, h.line_id ORDER BY w.starts_at <= h.starts_at DESC NULLS LAST,
        CASE WHEN w.starts_at <= h.starts_at THEN w.starts_at END DESC, w.starts_at, w.document_id, w.line_id) = 1
),
sized AS (
    SELECT
        p.*, CAST(date_diff('microsecond', p.starts_at, p.ends_at) AS HUGEINT) AS length,
        CAST(coalesce(host_length, date_diff('microsecond', interval_starts_at, ends_at)) AS HUGEINT) AS full_length,
        CAST(abs(net_micros) AS HUGEINT) AS size, CASE WHEN net_micros < 0 THEN -1 ELSE 1 END AS sign,
        CAST(c.minor AS HUGEINT) AS minor, CAST(86400000000 AS HUGEINT) AS one_day
    FROM priced AS p
    JOIN currency_step AS c ON c.currency = p.currency
    WHERE coalesce(host_length, date_diff('microsecond', interval_starts_at, ends_at)) > 0
),
read AS (
    SELECT
        s.*,
        CASE
            WHEN abs(size * full_length - same_net * length) <= minor * full_length + same_net * one_day THEN 'same_net'
            WHEN abs(size * full_length - same_gross * length) <= minor * full_length + same_gross * one_day THEN 'same_gross'
            WHEN abs(size * full_length - list_gross * length) <= minor * full_length + list_gross * one_day THEN 'list'
        END AS agrees_with
    FROM sized AS s
),
full_period AS (
    SELECT
        r.*,
        CASE agrees_with WHEN 'same_net' THEN sign * same_gross WHEN 'same_gross' THEN sign * same_gross
            WHEN 'list' THEN sign * list_gross
            ELSE sign * ((2 * abs(gross_micros) * full_length + length) // (2 * length)) END AS full_gross,
        CASE agrees_with WHEN 'same_net' THEN sign * same_net WHEN 'same_gross' THEN sign * same_gross
            WHEN 'list' THEN sign * list_gross
            ELSE sign * ((2 * size * full_length + length) // (2 * length)) END AS full_net
    FROM read AS r
)
SELECT
    customer_id, subscription_id, item_id, document_id, line_id, fact_id, product_id, price_id, currency, quantity, tiered,
    kind, starts_at, ends_at, FALSE AS is_part, starts_at AS term_starts_at, written_off_at, billed_unit AS unit,
    billed_units AS units, months_num, months_den, gross_micros, net_micros
FROM whole
UNION ALL
SELECT
    customer_id, subscription_id, item_id, document_id, line_id, fact_id, product_id, price_id, currency, quantity, tiered,
    kind, starts_at, ends_at, TRUE, coalesce(host_starts_at, interval_starts_at), written_off_at, coalesce(unit, host_unit),
    coalesce(CASE WHEN unit IS NOT NULL THEN units END, host_units),
    CASE unit WHEN 'month' THEN units WHEN 'year' THEN 12 * units WHEN 'week' THEN units * p.week_den
        WHEN 'day' THEN units * p.day_den ELSE host_num END,
    CASE WHEN unit IN ('month', 'year') THEN 1 WHEN unit = 'week' THEN p.week_num WHEN unit = 'day' THEN p.day_num
        ELSE host_den END,
    CAST(CASE p.proration WHEN 'prorated' THEN gross_micros ELSE full_gross END AS BIGINT),
    CAST(CASE p.proration WHEN 'prorated' THEN net_micros ELSE full_net END AS BIGINT)
FROM full_period
CROSS JOIN policy AS p
UNION ALL
-- A one-time charge is spread over the months of the policy, from its day.
SELECT
    customer_id, subscription_id, substr(document_id, strpos(document_id, '/') + 1) || '/' || line_id, document_id, line_id,
    fact_id, product_id, price_id, currency, quantity, tiered, kind, coalesce(starts_at, final_at),
    in_month(month_no(coalesce(starts_at, final_at)) + p.one_time, day(coalesce(starts_at, final_at)), coalesce(starts_at, final_at)),
    FALSE, coalesce(starts_at, final_at), written_off_at, 'month', p.one_time, p.one_time, 1, gross_micros, net_micros
FROM sold
JOIN policy AS p ON p.one_time IS NOT NULL
WHERE kind = 'one_time'
