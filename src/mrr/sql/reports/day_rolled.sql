-- What moved on which local day, from the roll-up: the days that as_of cannot cut. Grain: group × day × class, as in day.
-- Inputs: ledger.rolled_up, cut_on. $kind: of which groups.
SELECT
    r.trait, r.on_day, r.class, CAST(sum(r.amount_micros) AS BIGINT) AS amount_micros,
    CAST(sum(r.customers) AS BIGINT) AS customers, CAST(sum(r.payers) AS BIGINT) AS payers
FROM ledger.rolled_up AS r
JOIN cut_on AS d ON r.on_day < d.day
WHERE r.kind = $kind
GROUP BY r.trait, r.on_day, r.class
HAVING sum(r.moves) > 0
