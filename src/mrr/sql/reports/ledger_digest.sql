-- One digest for the whole ledger: SHA-256 over the sums that the fingerprints of all customers make, told anew or rolled up.
WITH word AS (
    SELECT class, sum(amount_micros) AS total
    FROM $rolled
    WHERE kind = 'digest'
    GROUP BY class
    HAVING sum(moves) > 0
)
SELECT sha256(coalesce(string_agg(total, ' ' ORDER BY class), '')) FROM word
