"""What takes answers out of a book: files for spreadsheets and notebooks, tables of other databases."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Protocol

import pyarrow as pa
import typer

from mrr import export as exporting
from mrr import figures
from mrr.answers import Definition
from mrr.book import Book
from mrr.cli import say
from mrr.cli.definition import definition
from mrr.cli.options import (
    AsJson,
    AsOf,
    BookDir,
    ByKey,
    Class,
    CustomerId,
    FirstDay,
    KnownAt,
    LastDay,
    OnLedger,
    OnlyWhere,
    State,
    filters,
    looking,
)
from mrr.errors import WrongUse
from mrr.period import Grain

Words = Mapping[str, Any]

What = Annotated[
    str,
    typer.Argument(
        metavar="WHAT",
        help="rollforward, movements, lines, customers; subscribers-by-month, summary, changes; or a metric.",
    ),
]
To = Annotated[str, typer.Option("--to", metavar="PLACE", help="A file, the URL of a database, or - for here.")]
Format = Annotated[
    str | None, typer.Option("--format", metavar="NAME", help="csv, json, jsonl, parquet or xlsx; else by the suffix.")
]
TableName = Annotated[
    str | None, typer.Option("--table", metavar="NAME", help="The table in a database; else mrr_ and WHAT.")
]
AsMicros = Annotated[bool, typer.Option("--micros", help="Amounts as integer micros instead of decimals.")]
Period = Annotated[Grain | None, typer.Option("--interval", help="The length of a period; else a month.")]
OnlyClass = Annotated[Class | None, typer.Option("--class", help="Only movements of this class.")]
OnlyState = Annotated[State | None, typer.Option("--state", help="Only customers in this state.")]


class Frame(Protocol):
    """Whatever has a definition and becomes an Arrow table can be exported."""

    @property
    def definition(self) -> Definition:
        """What its figures mean."""

    def arrow(self, *, micros: bool = False) -> pa.Table:
        """The answer as a table that carries its definition."""


class Export(NamedTuple):
    """How to ask for something, and which options it takes."""

    ask: Callable[[Book, Words], Frame]
    takes: Sequence[str]


def _subscribers(book: Book, words: Words) -> Frame:
    history = book.rollforward(**words)
    moment = _moment(history.definition)
    return exporting.subscribers_by_month(history, book.movements(as_of=moment), book.customers(as_of=moment))


def _summary(book: Book, words: Words) -> Frame:
    history = book.rollforward(**words)
    same = {**words, "as_of": _moment(history.definition)}
    rates = {name: book.metric(name=name, **same) for name in exporting.RATES}
    return exporting.summary(history, book.movements(**same), rates)


def _changes(book: Book, words: Words) -> Frame:
    moves = book.movements(**words)
    return exporting.changes(moves, book.customers(as_of=_moment(moves.definition)))


def _moment(meant: Definition) -> str:
    """The instant of an answer, so that what is asked beside it is of the same one."""
    return f"{meant.as_of.isoformat()}Z"


_DAYS = ("first", "last", "as_of")
EXPORTS: Mapping[str, Export] = {
    "rollforward": Export(lambda book, words: book.rollforward(**words), (*_DAYS, "interval", "by", "where")),
    "movements": Export(lambda book, words: book.movements(**words), (*_DAYS, "customer", "kind")),
    "lines": Export(lambda book, words: book.movements(**words).lines(), (*_DAYS, "customer", "kind")),
    "customers": Export(lambda book, words: book.customers(**words), ("as_of", "customer", "state")),
    "subscribers-by-month": Export(_subscribers, _DAYS),
    "summary": Export(_summary, _DAYS),
    "changes": Export(_changes, (*_DAYS, "customer", "kind")),
}
_OPTION = {"kind": "class", "as_of": "as-of"}


def export(
    context: typer.Context,
    what: What,
    to: To = "-",
    form: Format = None,
    table: TableName = None,
    micros: AsMicros = False,
    interval: Period = None,
    first: FirstDay = None,
    last: LastDay = None,
    as_of: AsOf = None,
    on: OnLedger = None,
    known_at: KnownAt = None,
    by: ByKey = None,
    where: OnlyWhere = None,
    customer: CustomerId = None,
    kind: OnlyClass = None,
    state: OnlyState = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Write figures to a file, a database or standard output, with their definition.

    Amounts are exact decimals of the currency. A file appears whole or not at all; a table of a database is replaced
    in one transaction, and only one that was made so. --json says in JSON what was written.
    """
    words: Words = {"interval": interval, "first": first, "last": last, "as_of": as_of, "by": by}
    words = {**words, "customer": customer, "kind": kind, "state": state, "where": filters(where) or None}
    target = _target(to, form, table, what, as_json=as_json)
    with looking(context, book, on, known_at) as ledger:
        frame = answer(ledger, what, {name: value for name, value in words.items() if value is not None})
    written = target(frame, micros)
    if written is not None and as_json:
        say.answer(written)
    elif written is not None:
        say.plain(f"{figures.plural(written.rows, 'row')} of {what} to {written.to}\n")


def answer(book: Book, what: str, words: Words) -> Frame:
    """What is asked for by these words. Raises WrongUse for a name or an option that does not fit."""
    asked = EXPORTS[what] if what in EXPORTS else _metric(book, what)
    for name in words:
        if name not in asked.takes:
            fitting = ", ".join(f"--{_OPTION.get(one, one)}" for one in asked.takes)
            raise WrongUse(f"--{_OPTION.get(name, name)} does not go with {what}", remedy=f"It takes {fitting}.")
    return asked.ask(book, words)


def _metric(book: Book, name: str) -> Export:
    """How to ask for a metric, or for a cohort triangle."""
    if name not in {metric.name for metric in book.metrics()}:
        remedy = f"Choose one of {', '.join(EXPORTS)}, or a metric: `mrr metrics` lists them."
        raise WrongUse(f"nothing to export is called {name!r}", remedy=remedy)
    kind, _, of = name.partition(".")
    takes = (*_DAYS, "interval", "by", "where")
    if kind == "cohort":
        return Export(lambda book, words: book.cohort(of=of, **words), takes)
    return Export(lambda book, words: book.metric(name=name, **words), takes)


Target = Callable[[Frame, bool], exporting.Written | None]


def _target(to: str, form: str | None, table: str | None, what: str, *, as_json: bool) -> Target:
    """What takes the answer to its place. Raises WrongUse before anything is asked of the book."""
    if exporting.is_database(to):
        if form is not None:
            raise WrongUse("--format is for files", remedy="A database has its own; leave it out.")
        exact, name = exporting.knows_decimals(to), table or "mrr_" + re.sub(r"\W", "_", what)
        return lambda frame, micros: exporting.to_database(frame.arrow(micros=micros or not exact), to, name)
    if table is not None:
        raise WrongUse("--table is for databases", remedy="Give the URL of one with --to.")
    if to != "-":
        found = exporting.format_of(to, form, exporting.FORMATS)
        return lambda frame, micros: exporting.to_file(frame.arrow(micros=micros), Path(to), found)
    if as_json:
        raise WrongUse("--json tells what was written to --to", remedy="For JSON here, write --format json.")
    text = exporting.format_of("-", form or "csv", exporting.TEXTS)
    return lambda frame, micros: _here(frame, text, micros)


def _here(frame: Frame, form: str, micros: bool) -> None:
    """To standard output; what the figures mean goes to standard error where the format has no room for it."""
    say.plain(exporting.as_text(frame.arrow(micros=micros), form))
    if form in exporting.BARE:
        say.note(definition(frame.definition).plain)
