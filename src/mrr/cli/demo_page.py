"""What `mrr demo` prints: the roll-forward, a chart, plans, headline figures, one movement explained, what to try."""

import os
import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from mrr.cli import figures, ink
from mrr.cli.chart import chart
from mrr.cli.definition import definition
from mrr.cli.receipt import receipt
from mrr.cli.rolling import Look, rolled
from mrr.rollforward import Row

if TYPE_CHECKING:
    from mrr.cli.demo import Shown

BAR = 24


def page(shown: "Shown", console: Console) -> Iterator[RenderableType]:
    """The parts of the page, from top to bottom."""
    meant = shown.definition
    look = Look("month", 0, meant.as_of, meant.timezone, shown.names)
    yield _imported(shown)
    yield _title(f"Roll-forward of the last twelve months, {meant.currency}")
    yield rolled(shown.history.rows[-12:], look, console)
    yield chart(shown.history.rows, look, meant.currency, console.width)
    yield _title("MRR by plan")
    yield _plans(shown)
    yield _title(f"At the end of {shown.history.rows[-1].period_starts_on:%B %Y}")
    yield _headline(shown.history.rows[-1], meant.currency)
    yield definition(meant)
    yield Text(f"policy hash {meant.policy_hash}\nledger digest {meant.ledger_digest}", ink.QUIET)
    yield _title("One movement, down to its events")
    yield receipt(shown.explained, meant, shown.customer.attributes.get("name"))
    yield _title("What to try next")
    yield _next(shown)


def _title(text: str) -> Text:
    return Text(text, ink.STRONG)


def _imported(shown: "Shown") -> Text:
    firm, counts = shown.firm, shown.counts
    told = Text(f"A simulated SaaS company: {firm.starts_on:%B %Y} to {shown.definition.as_of:%B %Y}.\n", ink.STRONG)
    told.append(f"{counts.entries:,} deliveries of Stripe events and {shown.quotes:,} days of exchange rates imported ")
    told.append(f"and posted in {shown.seconds} s:\n{counts.decoded:,} decoded, {counts.irrelevant:,} irrelevant, ")
    told.append(f"{counts.duplicates:,} delivered twice, {counts.quarantined:,} quarantined.\n")
    return told.append_text(_verdict(shown))


def _verdict(shown: "Shown") -> Text:
    if shown.differing:
        return Text(f"✗ The ledger differs from the simulator's own books in {shown.differing:,} places.", ink.BAD)
    equal = f"The ledger is equal to the simulator's own books: {shown.movements:,} movements, to the micro."
    return Text.assemble(("✓ ", ink.GOOD), equal)


def _plans(shown: "Shown") -> Table:
    """The plans of the last month that have MRR, the largest first, each with its share of the total."""
    rows = sorted(shown.plans.rows, key=lambda row: -row.closing_micros)
    total = sum(row.closing_micros for row in rows)
    micros = [row.closing_micros for row in rows if row.closing_micros]
    return ink.table(
        ["", "MRR", "share", "", "customers"],
        (
            _plan(row, units, total, shown.names)
            for row, units in zip(rows, figures.cascade(0, micros, 0), strict=False)
        ),
        words=(0, 3),
    )


def _plan(row: Row, units: int, total: int, names: dict[str, str]) -> list[ink.Cell]:
    group = row.group or "–"
    share = (200 * row.closing_micros + total) // (2 * total)
    bar = Text("█" * max(1, BAR * row.closing_micros // total), ink.GAIN)
    return [names.get(group, group), figures.written(units), f"{share} %", bar, f"{row.customers_closing:,}"]


def _headline(last: Row, currency: str) -> Table:
    """The figures that everybody asks for, each with what it is."""
    customers = last.customers_closing
    rows = (
        ("MRR", last.closing_micros, "what all items that count come to a month"),
        ("ARR", 12 * last.closing_micros, "12 × MRR"),
        ("ARPA", last.closing_micros // max(customers, 1), f"MRR ÷ {customers:,} customers with MRR above 0"),
        ("net new", last.closing_micros - last.opening_micros, f"closing − opening of {last.period_starts_on:%B %Y}"),
    )
    made = Table.grid(padding=(0, 2, 0, 0))
    for justify in ("left", "right", "left"):
        made.add_column(justify=justify)
    for name, micros, what in rows:
        text = figures.written(figures.rounded(micros, 0), plus=name == "net new")
        made.add_row(name, Text(f"{text} {currency}", ink.STRONG), Text(what, ink.QUIET))
    return made


def commands(shown: "Shown") -> Iterator[tuple[str, str]]:
    """Lines to type, and what each shows; all of them work on the demo's book."""
    month = f"{shown.history.rows[-1].period_starts_on:%Y-%m}"
    movement = shown.explained.movement
    yield "rollforward --interval quarter --chart", "three years, quarter by quarter"
    yield "rollforward --by segment --interval year", "who grows, by customer segment"
    yield f"movements --from {month} --class churn", "who left last month"
    yield f"movements --customer {movement.customer_id}", "the life of one customer"
    yield f"explain {movement.movement_id[:8]}", "the receipt above"
    yield "policy show", "how MRR is defined here"
    yield "verify", "recompute the journal's chain of digests"


def _next(shown: "Shown") -> Text:
    program = "mrr" if shutil.which("mrr") else os.path.relpath(sys.argv[0])
    told = Text(f"export MRR_BOOK={shown.folder}\n")
    width = max(len(words) for words, _ in commands(shown))
    for words, what in commands(shown):
        told.append(f"{program} {words:{width}}").append(f"  {what}\n", ink.QUIET)
    return told.append(f"{program} --help")
