-- What moved in a whole ledger, to hold a bridge against. Grain: month × class. Input: seen_movement.
SELECT
    CAST($number AS INTEGER) AS ledger_no, make_date(year(m.on_day), month(m.on_day), 1) AS in_month, m.class,
    CAST(sum(m.amount_micros) AS BIGINT) AS amount_micros
FROM seen_movement AS m
GROUP BY make_date(year(m.on_day), month(m.on_day), 1), m.class
