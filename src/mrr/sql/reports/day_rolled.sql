-- What moved on which local day, from the roll-up, and from the movements themselves on the days that as_of may cut.
-- Grain: group × day × class, as in day. Inputs: ledger.rolled_up, recent, cut_on. $kind: of which groups.
SELECT
    r.trait, r.on_day, r.class, CAST(sum(r.amount_micros) AS BIGINT) AS amount_micros,
    CAST(sum(r.customers) AS BIGINT) AS customers, CAST(sum(r.payers) AS BIGINT) AS payers
FROM ledger.rolled_up AS r
JOIN cut_on AS d ON r.on_day < d.day
WHERE r.kind = $kind
GROUP BY r.trait, r.on_day, r.class
HAVING sum(r.moves) > 0
UNION ALL
SELECT e.trait, e.on_day, e.class, e.amount_micros, e.customers, e.payers
FROM recent AS e
JOIN cut_on AS d ON e.on_day >= d.day
