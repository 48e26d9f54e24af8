"""Ledgers and policies in words, as a page takes them: by name only, for a page opens no file of the server."""

import re
from collections.abc import Sequence

from mrr.book import Book
from mrr.errors import WrongUse
from mrr.policy import presets

_BASE = re.compile(r"(now|standard|v\d+|close:\d{4}-\d\d)?(@.+)?")


def checked(words: str) -> str:
    """The words of a ledger. Raises WrongUse for what may be the path of a file."""
    first = words.strip().partition(",")[0].strip()
    name = first.partition("@")[0]
    if not _BASE.fullmatch(first) and name not in presets() and "=" not in first:
        names = ", ".join(["now", "v1", "close:2026-10", "standard", *presets()])
        raise WrongUse(f"{first!r} names no ledger here", remedy=f"Begin with one of {names}, @DAY or KEY=VALUE.")
    return words.strip()


def changed(base: str, changes: Sequence[str]) -> str:
    """A policy in words: a base, with changes laid over it."""
    return ",".join([base or "now", *(change.strip() for change in changes if change.strip())])


def known(book: Book) -> list[str]:
    """Ledgers that a form offers: the book's own, closed months, versions, presets."""
    closes = [f"close:{one.month:%Y-%m}" for one in reversed(book.closes())]
    versions = [f"v{one.version}" for one in reversed(book.policies().versions)]
    return ["now", *closes[:6], *versions, "standard", *presets()]
