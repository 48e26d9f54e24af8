-- One digest for the whole ledger: SHA-256 over those of its blocks, told anew or kept.
SELECT sha256(coalesce(string_agg(block || ' ' || digest, chr(10) ORDER BY block), '')) FROM $blocks
