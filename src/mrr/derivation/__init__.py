"""From journal to ledger: facts filed, models run, what is new posted, other ledgers beside the book's own."""
