"""Edits: what they say, what they refuse, and that a ledger with them is a function of its entries like any other."""
