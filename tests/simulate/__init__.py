"""The simulator: its streams, shapes and truth."""
