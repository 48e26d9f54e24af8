"""Runbooks: what to look at and what to do about the findings of a rule, as docs/runbooks has them."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

# As the package carries them, else as the checkout has them.
FOLDERS = (Path(__file__).parent / "runbooks", Path(__file__).parents[3] / "docs" / "runbooks")
_RULE = re.compile(r"[A-Za-z]\w*\.\w+")
_ITEM = re.compile(r"(-|\d+\.) +(.*)")
_MARKED = re.compile(r"\*\*(.+?)\*\*|`(.+?)`")


class Piece(msgspec.Struct, frozen=True):
    """A piece of a line: said plainly, strongly, or to be typed."""

    kind: Literal["plain", "strong", "code"]
    text: str


Line = list[Piece]


class Block(msgspec.Struct, frozen=True):
    """A paragraph of one line, or a list of several."""

    kind: Literal["paragraph", "list", "steps"]
    lines: list[Line]


class Runbook(msgspec.Struct, frozen=True):
    """A runbook: what its rule means, when it was last read by somebody, and what to do."""

    rule: str
    title: str
    blocks: list[Block]


@cache
def runbook(rule: str) -> Runbook | None:
    """The runbook of a rule; None where there is none, as for the rules that a book adds."""
    if not _RULE.fullmatch(rule):
        return None
    found = next((path for folder in FOLDERS if (path := folder / f"{rule}.md").is_file()), None)
    return None if found is None else read(rule, found.read_text("utf-8"))


def read(rule: str, text: str) -> Runbook:
    """A runbook out of its Markdown: a title, paragraphs, lists, steps; nothing else is written there."""
    head, *rest = (part.strip() for part in text.split("\n\n") if part.strip())
    title = head.removeprefix("# ").partition(": ")[2] or head.removeprefix("# ")
    return Runbook(rule, title, [_block(part) for part in rest])


def _block(part: str) -> Block:
    items = [_ITEM.fullmatch(line) for line in part.splitlines()]
    if not all(items):
        return Block("paragraph", [list(_pieces(" ".join(part.split())))])
    found = [item for item in items if item is not None]
    kind: Literal["list", "steps"] = "list" if found[0][1] == "-" else "steps"
    return Block(kind, [list(_pieces(item[2])) for item in found])


def _pieces(text: str) -> Iterator[Piece]:
    at = 0
    for mark in _MARKED.finditer(text):
        if mark.start() > at:
            yield Piece("plain", text[at : mark.start()])
        yield Piece("strong", mark[1]) if mark[1] else Piece("code", mark[2])
        at = mark.end()
    if at < len(text):
        yield Piece("plain", text[at:])
