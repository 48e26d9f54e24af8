"""Two ledgers, and all that lies between them."""
