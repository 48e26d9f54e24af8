"""What takes answers out of a book: files for spreadsheets and notebooks, tables of other databases."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from mrr import export as exporting
from mrr import figures
from mrr.book.exporting import Frame, Words, frame
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
    """Write figures to a file, a database or the terminal.

    Amounts are exact decimals of the currency. A file appears whole or not at all; a table of a database is replaced
    in one transaction, and only one that was made so. --json says in JSON what was written.
    """
    words: Words = {"interval": interval, "first": first, "last": last, "as_of": as_of, "by": by}
    words = {**words, "customer": customer, "kind": kind, "state": state, "where": filters(where) or None}
    target = _target(to, form, table, what, as_json=as_json)
    with looking(context, book, on, known_at) as ledger:
        found = frame(ledger, what, {name: value for name, value in words.items() if value is not None})
    written = target(found, micros)
    if written is not None and as_json:
        say.answer(written)
    elif written is not None:
        say.plain(f"{figures.plural(written.rows, 'row')} of {what} to {written.to}\n")


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
