"""The HTTP API: parses what is asked, asks the book, and answers as JSON, CSV or Arrow."""

from mrr.api.app import app

__all__ = ["app"]
