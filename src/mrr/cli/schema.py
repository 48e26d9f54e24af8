"""The JSON Schema of native events."""

import json

from mrr.book import Book
from mrr.cli import say
from mrr.cli.options import AsJson, UnusedBook


def schema(_book: UnusedBook = None, as_json: AsJson = False) -> None:
    """Print the JSON Schema of native events, version 1.

    For companies that bill by themselves: what the facts look like that `mrr import` reads, plain or in the envelope of
    a CloudEvent. docs/native.md tells the same with examples. With --json it is on one line.
    """
    told = Book.schema()
    say.plain(told) if not as_json else say.answer(json.loads(told), indent=None)
