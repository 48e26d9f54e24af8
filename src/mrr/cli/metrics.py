"""What asks for metrics: metric, metrics, cohort."""

from typing import Annotated, Literal

import typer
from rich.text import Text

from mrr.cli import ink, metric_page, say, triangle
from mrr.cli.options import (
    AsJson,
    AsOf,
    BookDir,
    Cents,
    First,
    Interval,
    KnownAt,
    Last,
    OnLedger,
    UnusedBook,
    filters,
    looking,
)
from mrr.cli.reading import product_names
from mrr.metrics.catalogue import catalogue, named
from mrr.metrics.tree import tree

Name = Annotated[str, typer.Argument(metavar="NAME", help="A metric, such as nrr; `mrr metrics` lists them.")]
Named = Annotated[str | None, typer.Argument(metavar="NAME", help="Only this metric, with its whole definition.")]
By = Annotated[
    str | None, typer.Option("--by", metavar="KEY", help="A column for each plan, currency or customer attribute.")
]
Attribute = Annotated[
    str | None,
    typer.Option("--by", metavar="KEY", help="A cohort for each value of an attribute, not for each period."),
]
Where = Annotated[
    list[str] | None, typer.Option("--where", metavar="KEY=VALUE", help="Only what has this plan, currency, attribute.")
]
AsTree = Annotated[bool, typer.Option("--tree", help="Show which metric moves which.")]
What = Annotated[Literal["logo", "revenue"], typer.Argument(metavar="[logo|revenue]", help="Customers, or their MRR.")]


def metric(
    context: typer.Context,
    name: Name,
    interval: Interval = "month",
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    on: OnLedger = None,
    known_at: KnownAt = None,
    by: By = None,
    where: Where = None,
    cents: Cents = False,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Show a metric with its governed definition.

    Where there is no value, the line under the table says why. A period that is not over yet has a star.
    """
    meant = named(name)
    with looking(context, book, on, known_at) as ledger:
        found = ledger.metric(
            name=name, interval=interval, first=first, last=last, as_of=as_of, by=by, where=filters(where)
        )
        names = product_names(ledger, by or meant.by)
    if as_json:
        say.answer(found)
        return
    say.show(*metric_page.told(found, meant, interval, names, cents=cents))


def metrics(name: Named = None, as_tree: AsTree = False, book: UnusedBook = None, as_json: AsJson = False) -> None:
    """List the metrics, and what moves what.

    With a NAME, the whole definition of that one.
    """
    asked = [named(name)] if name else catalogue()
    if as_json:
        say.answer(tree(asked) if as_tree else asked)
    elif as_tree:
        say.show(metric_page.branches(tree(asked)), Text("+ moves it up, − moves it down.", ink.QUIET))
    elif name:
        say.show(metric_page.defined(asked[0]))
    else:
        say.show(
            metric_page.listed(asked), Text("`mrr metrics NAME` defines one, `mrr metric NAME` shows it.", ink.QUIET)
        )


def cohort(
    context: typer.Context,
    of: What = "logo",
    interval: Interval = "month",
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    on: OnLedger = None,
    known_at: KnownAt = None,
    by: Attribute = None,
    where: Where = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what became of those who joined together.

    A row for each period of joining, or with --by for each value of an attribute. Column 3 is the end of the third
    period after the one of joining. Only periods that are over are shown.
    """
    with looking(context, book, on, known_at) as ledger:
        found = ledger.cohort(
            of=of, interval=interval, first=first, last=last, as_of=as_of, by=by, where=filters(where)
        )
    if as_json:
        say.answer(found)
        return
    say.show(*triangle.told(found, interval, by))
