-- What moved on which local day, from the roll-up. Grain: group × day × class, as in day. Inputs: cut_on; what was
-- rolled up, with what as_of makes of the customers whom it cuts; of which kind of groups.
SELECT
    r.trait, r.on_day, r.class, CAST(sum(r.amount_micros) AS BIGINT) AS amount_micros,
    CAST(sum(r.customers) AS BIGINT) AS customers, CAST(sum(r.payers) AS BIGINT) AS payers
FROM $rolled AS r
JOIN cut_on AS d ON r.on_day < d.day
WHERE r.kind = $kind
GROUP BY r.trait, r.on_day, r.class
HAVING sum(r.moves) > 0
