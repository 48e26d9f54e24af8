-- One digest for each block of shelves: SHA-256 over the fingerprints of its customers. Grain: block.
-- Input: $fingerprints, customer_digest or some blocks of it.
SELECT block, sha256(string_agg(customer_id || ' ' || digest, chr(10) ORDER BY customer_id)) AS digest
FROM $fingerprints
GROUP BY block
