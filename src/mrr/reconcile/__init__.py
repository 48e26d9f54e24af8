"""Reconciliation: the book against what others say of the same customers, one file a comparison."""
