"""What draws the figures of a book: pictures, pages and specs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mrr import export as exporting
from mrr.book import Book
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
from mrr.cli.reading import product_names
from mrr.errors import WrongUse
from mrr.period import Grain

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="mrr, movements, rollforward (its last period), or any metric.")
]
To = Annotated[str, typer.Option("--to", metavar="FILE", help="A .png, .svg, .html or .json file; - for here.")]
Format = Annotated[str | None, typer.Option("--format", metavar="NAME", help="png, svg, html or json; else by suffix.")]
Look = Annotated[Literal["light", "dark"], typer.Option("--theme", help="The colours.")]

FORMATS = ("png", "svg", "html", "json")
# Drawn from a roll-forward in total.
TOTALS = ("movements", "rollforward")


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
        drawn = charts.DRAWINGS[found](_spec(ledger, name, words), theme)
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


def _spec(book: Book, name: str, words: Mapping[str, Any]) -> dict[str, Any]:
    from mrr import charts

    grain: Grain = words["interval"]
    if name not in ("mrr", *TOTALS):
        return _metric_spec(book, name, words)
    if name in TOTALS and words["by"] is not None:
        raise WrongUse(f"--by does not go with {name}", remedy="Use --where KEY=VALUE, or draw mrr --by KEY.")
    history = _drawable(book.rollforward(**words))
    if words["by"] is not None:
        names = product_names(book, words["by"])
        return charts.mrr_by_group(history, grain, by=words["by"], names=names)
    draw = {"mrr": charts.ending_mrr, "movements": charts.movements, "rollforward": charts.rollforward}[name]
    return draw(history, grain)


def _metric_spec(book: Book, name: str, words: Mapping[str, Any]) -> dict[str, Any]:
    from mrr import charts

    known = {metric.name: metric for metric in book.metrics()}
    if name not in known:
        remedy = f"Choose one of mrr, {', '.join(TOTALS)}, or a metric: `mrr metrics` lists them."
        raise WrongUse(f"no chart is called {name!r}", remedy=remedy)
    kind, _, of = name.partition(".")
    if kind == "cohort":
        return charts.cohorts(
            _drawable(book.cohort(of=of, **words)), words["interval"] if words["by"] is None else None
        )
    names = product_names(book, words["by"] or known[name].by)
    return charts.metric(_drawable(book.metric(name=name, **words)), words["interval"], names)


def _drawable(answer: Any) -> Any:
    if not answer.rows:
        raise WrongUse("there is nothing to draw", remedy="Import events, or choose other days.")
    return answer
