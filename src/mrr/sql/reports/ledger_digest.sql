-- One digest for the whole ledger: SHA-256 over all customers' digests in the order of their ids.
SELECT sha256(coalesce(string_agg(customer_id || ' ' || digest, chr(10) ORDER BY customer_id), ''))
FROM ledger.customer_digest
