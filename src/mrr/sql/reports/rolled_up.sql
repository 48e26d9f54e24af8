-- What moved on which local day, in total and by plan, as additions to be summed. Grain: none; a posting takes back and adds.
-- `moves` counts the movements, so that a group is gone once all of them were taken back.
CREATE TABLE IF NOT EXISTS ledger.rolled_up (
    kind VARCHAR, trait VARCHAR, on_day DATE, class VARCHAR, amount_micros BIGINT, customers BIGINT, payers BIGINT,
    moves BIGINT
)
