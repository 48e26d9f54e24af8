"""The web pages: every view is a URL, works without scripts but for charts, and says on what its figures rest."""

from mrr.web.app import pages

__all__ = ["pages"]
