"""What the ledger holds, told: roll-forwards, movements and their explanation, customers, tables of all of it."""
