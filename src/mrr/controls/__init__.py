"""What keeps the ledger honest from month to month: priced decisions, checks, the close, changes of policy."""
