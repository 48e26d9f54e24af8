-- What moved on which local day, from the roll-up. Grain: as in day, but of one group, day and class there may be several rows,
-- which add up (those that came with postings, and what as_of makes of the customers whom it cuts). Inputs: cut_on; what was
-- rolled up; of which kind of groups.
SELECT r.trait, r.on_day, r.class, r.amount_micros, r.customers, r.payers, r.moves
FROM $rolled AS r
JOIN cut_on AS d ON r.on_day < d.day
WHERE r.kind = $kind
