"""The recurring-revenue ledger that anyone can audit."""

from pathlib import Path

from mrr.book import Book
from mrr.errors import MrrError

__all__ = ["Book", "MrrError", "open"]


def open(path: str | Path) -> Book:  # noqa: A001 - `mrr.open` is how the library is used
    """An open book: `with mrr.open("acme") as book: book.rollforward(interval="month")`. Raises BookError."""
    return Book(Path(path))
