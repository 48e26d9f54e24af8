"""Exports of Stripe's lists: whether a file holds a list to its end."""

from collections.abc import Iterator

import msgspec

from mrr.providers.reasons import trimmed
from mrr.providers.stripe.envelope import LISTS
from mrr.providers.stripe.shapes import Shape

_READING = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


class Page(Shape):
    """A list object, without what it lists."""

    object: str | None = None
    has_more: bool = False


_page = msgspec.json.Decoder(Page)
_pages = msgspec.json.Decoder(list[Page])


def cut_short(text: bytes) -> bool:
    """Whether the last list object of a text (one document, an array of pages, or a page a line) says `has_more`."""
    pages = [page for page in _all(trimmed(text)) if page.object in LISTS]
    return bool(pages) and pages[-1].has_more


def _all(text: bytes) -> Iterator[Page]:
    try:
        yield from _pages.decode(text) if text.startswith(b"[") else [_page.decode(text)]
    except _READING:
        for line in filter(None, map(bytes.strip, text.splitlines())):
            try:
                yield _page.decode(line)
            except _READING:
                continue
