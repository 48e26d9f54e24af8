"""What people said of the book itself: each an entry with author and reason, none changed in place.

docs/edits.md says how they are made. They are imported only where `edits` is asked for by name.
"""

from mrr.providers.edits.decoding import decode, split, stamp

__all__ = ["decode", "split", "stamp"]
