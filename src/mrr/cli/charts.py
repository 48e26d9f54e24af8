"""What draws the figures of a book: pictures, pages and specs."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from mrr import export as exporting
from mrr.book.drawing import spec
from mrr.cli import say
from mrr.cli.options import (
    AsJson,
    AsOf,
    BookDir,
    ByKey,
    FirstDay,
    Interval,
    KnownAt,
    LastDay,
    OnLedger,
    OnlyWhere,
    filters,
    looking,
)
from mrr.errors import WrongUse

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="mrr, movements, rollforward (its last period), or any metric.")
]
To = Annotated[str, typer.Option("--to", metavar="FILE", help="A .png, .svg, .html or .json file; - for here.")]
Format = Annotated[str | None, typer.Option("--format", metavar="NAME", help="png, svg, html or json; else by suffix.")]
Look = Annotated[Literal["light", "dark"], typer.Option("--theme", help="The colours.")]

FORMATS = ("png", "svg", "html", "json")


def chart(
    context: typer.Context,
    name: Name,
    to: To,
    form: Format = None,
    theme: Look = "light",
    interval: Interval = "month",
    first: FirstDay = None,
    last: LastDay = None,
    as_of: AsOf = None,
    on: OnLedger = None,
    known_at: KnownAt = None,
    by: ByKey = None,
    where: OnlyWhere = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Draw a chart as a picture, a page or a Vega-Lite spec.

    `mrr` is ending MRR over time, with --by as areas; `movements` what moved it; `rollforward` the way from opening to
    closing of the last period shown. Every chart says by which policy, and as of when. --json tells what was written.
    """
    # The libraries that draw are slow to load; no other command waits for them.
    from mrr import charts

    found = _format(to, form, as_json=as_json)
    words = {"interval": interval, "first": first, "last": last, "as_of": as_of, "by": by, "where": filters(where)}
    with looking(context, book, on, known_at) as ledger:
        drawn = charts.DRAWINGS[found](spec(ledger, name, words), theme)
    if to == "-":
        say.plain(drawn.decode())
        return
    exporting.save(drawn, Path(to))
    if as_json:
        say.answer({"to": to, "format": found, "chart": name, "bytes": len(drawn)})
    else:
        say.plain(f"chart of {name} to {to}\n")


def _format(to: str, form: str | None, *, as_json: bool) -> str:
    if to != "-":
        return exporting.format_of(to, form, FORMATS)
    if as_json:
        raise WrongUse("--json tells what was written to a file", remedy="For the spec here, write --format json.")
    return exporting.format_of(to, form or "svg", FORMATS[1:])
