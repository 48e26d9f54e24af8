-- What the derived customers add to the ledger's digest: the sum of each of the eight words of their fingerprints.
-- Grain: word. Input: temp.customer_digest. Sums can be taken back, so that a posting need not read everybody's again.
SELECT
    'digest' AS kind, CAST(NULL AS VARCHAR) AS trait, CAST(NULL AS DATE) AS on_day, CAST(w.word AS VARCHAR) AS class,
    CAST(sum(CAST('0x' || substr(sha256(d.customer_id || ' ' || d.digest), 8 * w.word + 1, 8) AS BIGINT)) AS BIGINT)
        AS amount_micros,
    0 AS customers, 0 AS payers, count(*) AS moves
FROM temp.customer_digest AS d
CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7)) AS w(word)
GROUP BY w.word
