"""The recurring-revenue ledger that anyone can audit."""
