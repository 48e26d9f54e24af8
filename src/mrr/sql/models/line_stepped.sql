-- The lines with their difference told apart into offer, quantity and discount, in that order (DESIGN §8, A16, A28).
-- Grain: customer × item × window. Inputs: line_valued, step_asked, step, currency_step, policy. The parts add up to the
-- flow: each is the difference of two rounded levels, and what is neither offer nor quantity is discount.
WITH stepped AS (
    SELECT
        l.*, coalesce(l.offer_changed, FALSE) AS offer_moved, coalesce(l.quantity_changed, FALSE) AS quantity_moved,
        CASE WHEN l.at_new_rate AND l.same_currency THEN settle(l.before_num * l.rate_num, l.before_den * l.rate_den, c.step)
            ELSE l.before_micros END AS from_micros,
        CASE WHEN s.item_id IS NULL THEN settle(l.each_num * l.quantity_before * l.rate_num, l.after_den * l.rate_den, c.step)
            ELSE settle(s.offer_num * l.rate_num, s.offer_den * l.rate_den, c.step) END AS offered_micros,
        CASE WHEN s.item_id IS NULL THEN settle(l.each_num * l.quantity_after * l.rate_num, l.after_den * l.rate_den, c.step)
            ELSE settle(s.both_num * l.rate_num, s.both_den * l.rate_den, c.step) END AS sized_micros
    FROM line_valued AS l
    CROSS JOIN policy AS p
    JOIN currency_step AS c ON c.currency = p.report_currency
    LEFT JOIN step_asked AS q
        ON q.customer_id = l.customer_id AND q.subscription_id = l.subscription_id AND q.item_id = l.item_id
        AND q.window_starts_at = l.window_starts_at
    LEFT JOIN step AS s ON s.bill_before = q.bill_before AND s.bill_after = q.bill_after AND s.item_id = l.item_id
),
parted AS (
    SELECT
        s.*, CASE WHEN offer_moved THEN offered_micros - from_micros END AS offer_micros,
        CASE WHEN quantity_moved THEN sized_micros - offered_micros END AS quantity_micros
    FROM stepped AS s
)
SELECT
    * EXCLUDE (offer_moved, quantity_moved, from_micros, offered_micros, sized_micros),
    CASE WHEN product_before <> product_after THEN 'plan' WHEN interval_before <> interval_after THEN 'interval' ELSE 'price' END
        AS offer_cause,
    CASE WHEN was AND remains THEN flow_micros - coalesce(offer_micros, 0) - coalesce(quantity_micros, 0) ELSE 0 END
        AS discount_micros
FROM parted
