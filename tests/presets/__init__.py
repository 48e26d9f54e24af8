"""Presets: what other tools publish, as policies."""
