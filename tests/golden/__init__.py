"""Golden ledgers, worked out by hand from recorded runs, and the whole of the recorded input through a book."""
