"""The recurring-revenue ledger that anyone can audit."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mrr.book import Book
    from mrr.errors import MrrError

__all__ = ["Book", "MrrError", "open"]


def open(path: str | Path) -> "Book":  # noqa: A001 - `mrr.open` is how the library is used
    """An open book: `with mrr.open("acme") as book: book.rollforward(interval="month")`. Raises BookError."""
    from mrr.book import Book

    return Book(Path(path))


def __getattr__(name: str) -> Any:
    """`mrr.Book` and `mrr.MrrError`, loaded when they are first asked for: the rooms inside import one way."""
    if name == "Book":
        from mrr.book import Book

        return Book
    if name == "MrrError":
        from mrr.errors import MrrError

        return MrrError
    raise AttributeError(f"module 'mrr' has no attribute {name!r}")
