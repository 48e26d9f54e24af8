"""What detects: signals, anomalies."""

from collections.abc import Callable, Iterator, Sequence

import typer
from rich.console import RenderableType
from rich.text import Text

from mrr.cli import ink, say
from mrr.cli.options import AsJson, AsOf, BookDir, opened
from mrr.figures import plural
from mrr.watch.finding import Finding

# So many customers and entries of a finding are shown; --json has them all.
SHOWN = 5


def signals(context: typer.Context, as_of: AsOf = None, book: BookDir = None, as_json: AsJson = False) -> None:
    """Look for signs of failure in what the book was told.

    Missing events (F1), double counting (F2), wrong prorations and prices (F3), currencies and rates (F4), late
    billing (F5), drift of reconciliations (F6): over the last hours, against each source's own past. Exits with 1 if
    there are any. docs/anomalies.md tells what each means, watch.toml sets the bounds.
    """
    with opened(context, book) as ledger:
        found = ledger.signals(as_of=as_of)
    _answer(found, "No signal.", as_json=as_json)


def anomalies(context: typer.Context, as_of: AsOf = None, book: BookDir = None, as_json: AsJson = False) -> None:
    """Name what stood out yesterday, and what it may mean.

    Of each class of movement the number of customers and the amount, in total, by plan, currency and segment, and the
    number of entries of each source; against weekdays, ends of months, growth, and the contracts that turn on the day.
    Exits with 1 if something does. docs/anomalies.md tells how it is judged, watch.toml sets the bounds.
    """
    with opened(context, book) as ledger:
        found = ledger.anomalies(as_of=as_of)
    _answer(found, "Nothing stands out.", as_json=as_json)


def _answer(found: Sequence[Finding], otherwise: str, *, as_json: bool) -> None:
    if as_json:
        say.answer(found)
    else:
        say.show(*(_told(one) for one in found)) if found else say.show(Text(otherwise, ink.QUIET))
    if found:
        raise typer.Exit(1)


def _told(one: Finding) -> RenderableType:
    """A finding: what is wrong, since when, the figures, whom and what it concerns."""
    head = Text.assemble((f"{one.rule}  ", ink.BAD if one.urgency == "page" else ink.STRONG), one.summary, "\n")
    width = max(map(len, one.figures), default=0)
    for name, figure in one.figures.items():
        head.append(f"  {name:{width}}  {figure}\n", ink.QUIET)
    for line in _whom(one):
        head.append(f"  {line}\n", ink.QUIET)
    head.append(f"  {one.urgency} · {one.cause} · since {one.begins_at:%Y-%m-%d %H:%M}Z", ink.QUIET)
    return head


def _whom(one: Finding) -> Iterator[str]:
    customers = [name.partition("/")[2] or name for name in one.customers]
    for names, word, words in ((customers, "customer", "customers"), (one.entries, "entry", "entries")):
        if names:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            yield f"{plural(len(names), word, words)}: {', '.join(map(str, names[:SHOWN]))}{more}"


EXAMPLES: Sequence[tuple[str, Callable[..., None], Sequence[str]]] = (
    ("signals", signals, ("mrr signals --book acme", "mrr signals --book acme --json | jq -r '.[].rule'")),
    ("anomalies", anomalies, ("mrr anomalies --book acme", "mrr anomalies --book acme --as-of 2026-11-01")),
)
