"""A real browser against a real service."""
