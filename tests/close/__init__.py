"""Closing months: what is refused, what is sealed, what is detected, what a restatement names."""
