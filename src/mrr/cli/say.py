"""What the command line says: answers to standard output, errors with a remedy to standard error, both also as JSON."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import msgspec
from rich.console import Console, RenderableType
from rich.text import Text

from mrr.cli import ink
from mrr.errors import MrrError

# Without a terminal there is no width to keep to; tables then get as much as they need up to here.
PIPE_WIDTH = 120


class PipeClosed(Exception):
    """Whoever read the output has seen enough."""


class Interrupted(MrrError):
    """The user stopped the command; the remedy says what stands and how to go on."""

    exit_code = 130


class Page(Console):
    """Standard output. Ends quietly when its reader is gone."""

    def __init__(self) -> None:
        wide = None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
        super().__init__(file=sys.stdout, width=wide, highlight=False, emoji=False, markup=False)

    def on_broken_pipe(self) -> None:
        """Instead of Rich's own end with code 1."""
        raise PipeClosed


@contextmanager
def stoppable(remedy: str) -> Iterator[None]:
    """Turn Ctrl-C into an error whose remedy says what stands and how to go on."""
    try:
        yield
    except KeyboardInterrupt as error:
        raise Interrupted("stopped", remedy=remedy) from error


def show(*parts: RenderableType) -> None:
    """Print tables and paragraphs to standard output, with an empty line between them."""
    page = Page()
    for number, part in enumerate(parts):
        if number:
            page.print()
        page.print(part)


def answer(structure: Any, *, indent: int | None = 2) -> None:
    """Print one JSON document: dates in ISO 8601, instants in UTC, amounts as integer micros."""
    _write(_encoded(structure, indent) + "\n")


def answer_lines(structures: Iterable[Any]) -> None:
    """Print one JSON object a line."""
    for structure in structures:
        _write(_encoded(structure, None) + "\n")


def plain(text: str) -> None:
    """Print text as it is."""
    _write(text)


def _encoded(structure: Any, indent: int | None) -> str:
    plain = msgspec.to_builtins(structure, builtin_types=(date, datetime))
    return json.dumps(plain, default=_iso, indent=indent, ensure_ascii=False)


def _iso(moment: date) -> str:
    return f"{moment.isoformat()}Z" if isinstance(moment, datetime) else moment.isoformat()


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
    except BrokenPipeError as error:
        raise PipeClosed from error


def complain(message: str, remedy: str, *, as_json: bool) -> None:
    """One clear line on standard error, and the remedy under it."""
    if as_json:
        sys.stderr.write(json.dumps({"error": message, "remedy": remedy}, ensure_ascii=False) + "\n")
        return
    told = Text.assemble(("mrr: ", ink.BAD), message)
    if remedy:
        told.append(f"\n     {remedy}", ink.QUIET)
    _aside().print(told, soft_wrap=True)


def note(text: str) -> None:
    """A remark on standard error, out of the way of what is piped on."""
    _aside().print(Text(text, ink.QUIET), soft_wrap=True)


def _aside() -> Console:
    return Console(stderr=True, highlight=False, emoji=False, markup=False)
