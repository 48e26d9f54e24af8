"""kill -9 at every named point, and processes that work on one book at once."""
