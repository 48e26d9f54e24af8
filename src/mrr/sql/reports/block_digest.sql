-- One digest for each block of shelves: SHA-256 over the fingerprints of its customers. Grain: block, a 16,384th of all
-- shelves. Input: $fingerprints, customer_digest or some blocks of it.
SELECT
    shelf >> 16 AS block, sha256(string_agg(customer_id || ' ' || digest, chr(10) ORDER BY customer_id)) AS digest
FROM $fingerprints
GROUP BY block
