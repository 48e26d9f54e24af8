-- Which items each listed discount covers, and the instant that says how long it holds. Grain: version × item × discount.
-- Inputs: discount_listed, item_version, version, policy. A `once` discount aims behind its start, the others at their
-- end, as the next list states it if it says another one (A7, A8, A9).
-- Only where: discount_listed.
WITH covering AS (
    SELECT
        d.*, i.item_id, i.period_starts_at, i.period_ends_at, i.unit, i.units, i.currency AS item_currency,
        v.starts_at AS version_starts_at, coalesce(v.next_starts_at, open_end()) AS version_ends_at,
        CASE WHEN d.listed_next AND d.again_ends_at IS DISTINCT FROM d.ends_at
                AND coalesce(d.again_ends_at, open_end()) > d.listed_from
            THEN d.again_ends_at ELSE d.ends_at END AS stated_end_at
    FROM discount_listed AS d
    JOIN version AS v ON v.version_id = d.version_id
    JOIN item_version AS i ON i.version_id = d.version_id
    CROSS JOIN policy AS p
    WHERE (len(d.items) = 0 OR list_contains(d.items, i.item_id))
        AND (len(d.products) = 0 OR list_contains(d.products, i.product_id))
        AND (d.amount_micros IS NULL OR coalesce(d.currency, i.currency) = i.currency)
        AND CASE d.duration WHEN 'once' THEN p.once WHEN 'repeating' THEN p.repeating ELSE p.forever END
)
SELECT
    c.*, CASE WHEN duration = 'once' THEN coalesce(starts_at, first_listed_at) + INTERVAL 1 MICROSECOND
        ELSE stated_end_at END AS aims_at
FROM covering AS c
