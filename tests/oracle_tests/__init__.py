"""The oracle run against every scenario file."""
