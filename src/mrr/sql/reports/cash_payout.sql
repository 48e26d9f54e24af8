-- What was sent from a balance to the bank, each payout as it was last told. Grain: payout and currency.
-- Inputs: payout, balance_line. Of what is told of one instant the later stage is the last, then the lowest digest. Where
-- only the balance tells of a payout, its lines add up to it; one that came back adds up to 0 and is none.
-- `held_micros` is what the lines come to that name it as theirs; nothing where none does.
WITH told AS (
    SELECT payout_id, seq, currency, amount_micros, coalesce(sent_at, effective_at) AS sent_at, outcome, failure_code
    FROM payout
    QUALIFY row_number() OVER (
        PARTITION BY payout_id
        ORDER BY effective_at DESC, CASE outcome WHEN 'pending' THEN 0 WHEN 'paid' THEN 1 ELSE 2 END DESC, digest, fact_id
    ) = 1
),
moved AS (
    SELECT of_id AS payout_id, min(seq) AS seq, currency, CAST(-sum(amount_micros) AS BIGINT) AS amount_micros,
        min(happened_at) AS sent_at, 'paid' AS outcome, CAST(NULL AS VARCHAR) AS failure_code
    FROM cash_line_told
    WHERE kind = 'payout' AND of_id IS NOT NULL AND of_id NOT IN (SELECT payout_id FROM told)
    GROUP BY of_id, currency
    HAVING sum(amount_micros) <> 0
),
held AS (
    SELECT payout_id, currency, CAST(sum(amount_micros - fee_micros) AS BIGINT) AS held_micros
    FROM cash_line_told
    WHERE payout_id IS NOT NULL AND kind <> 'payout'
    GROUP BY payout_id, currency
)
SELECT split_part(p.payout_id, '/', 1) AS source, p.*, h.held_micros
FROM (SELECT * FROM told UNION ALL SELECT * FROM moved) AS p
LEFT JOIN held AS h ON h.payout_id = p.payout_id AND h.currency = p.currency
