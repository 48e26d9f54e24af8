-- An item before and after a netting window, and how much of the difference is fx. Grain: customer × item × window.
-- Inputs: value, change, currency_step, policy. fx = min(local before, after) × (new rate − old rate); increases book at
-- the new rate, decreases at the old (DESIGN §8, A27, A28, A15). What came and went within a window is no line (A32).
WITH side AS (
    SELECT v.*, e.window_starts_at AS entered_in, l.window_starts_at AS left_in
    FROM value AS v
    JOIN change AS e ON e.customer_id = v.customer_id AND e.turns_at = v.starts_at
    LEFT JOIN change AS l ON l.customer_id = v.customer_id AND l.turns_at = v.ends_at
),
kept AS (
    SELECT * FROM side WHERE entered_in IS DISTINCT FROM left_in
),
met AS (
    SELECT
        coalesce(a.customer_id, b.customer_id) AS customer_id, coalesce(a.subscription_id, b.subscription_id) AS subscription_id,
        coalesce(a.item_id, b.item_id) AS item_id, coalesce(a.entered_in, b.left_in) AS window_starts_at,
        b.item_id IS NOT NULL AS was, a.item_id IS NOT NULL AS remains,
        coalesce(b.reporting_micros, 0) AS before_micros, coalesce(a.reporting_micros, 0) AS after_micros,
        b.local_micros AS local_before_micros, a.local_micros AS local_after_micros,
        b.currency AS currency_before, a.currency AS currency_after, b.product_id AS product_before,
        a.product_id AS product_after, b.price_id AS price_before, a.price_id AS price_after,
        b.unit || b.units AS interval_before, a.unit || a.units AS interval_after,
        b.quantity AS quantity_before, a.quantity AS quantity_after,
        b.version_id AS version_before, a.version_id AS version_after, b.told_to_at AS told_before_at,
        a.offer <> b.offer AS offer_changed, a.quantity <> b.quantity AS quantity_changed,
        a.currency = b.currency AS same_currency, a.local_micros >= b.local_micros OR a.currency <> b.currency AS at_new_rate,
        a.each_num, a.den AS after_den, a.num AS after_num, b.num AS before_num, b.den AS before_den,
        a.rate_num AS new_num, a.rate_den AS new_den, b.rate_num AS old_num, b.rate_den AS old_den
    FROM (SELECT * FROM kept WHERE left_in IS NOT NULL) AS b
    FULL JOIN kept AS a
        ON a.customer_id = b.customer_id AND a.subscription_id = b.subscription_id AND a.item_id = b.item_id
        AND a.entered_in = b.left_in
),
rated AS (
    SELECT
        m.* EXCLUDE (new_num, new_den, old_num, old_den),
        CASE WHEN at_new_rate THEN new_num ELSE old_num END AS rate_num,
        CASE WHEN at_new_rate THEN new_den ELSE old_den END AS rate_den,
        CASE
            WHEN NOT (was AND remains AND same_currency) OR (new_num = old_num AND new_den = old_den) THEN 0
            WHEN at_new_rate THEN settle(before_num * new_num, before_den * new_den, c.step) - before_micros
            ELSE after_micros - settle(after_num * old_num, after_den * old_den, c.step)
        END AS fx_micros
    FROM met AS m
    CROSS JOIN policy AS p
    JOIN currency_step AS c ON c.currency = p.report_currency
)
SELECT r.*, after_micros - before_micros - fx_micros AS flow_micros
FROM rated AS r
