"""Tables as facts: what rows come to under a mapping."""
