"""What people look for: who is behind a figure, one customer, customers by search, entries of the journal."""
