-- The same for the days that as_of may cut, from the movements themselves. Inputs: recent, cut_on. $kind: of which groups.
SELECT e.trait, e.on_day, e.class, e.amount_micros, e.customers, e.payers
FROM recent AS e
JOIN cut_on AS d ON e.on_day >= d.day
WHERE e.kind = $kind
