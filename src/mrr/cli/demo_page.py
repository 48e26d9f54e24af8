"""What `mrr demo` prints: the roll-forward, a chart, plans, headline figures, one movement explained, what to try."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from mrr import figures
from mrr.cli import ink
from mrr.cli.chart import chart
from mrr.cli.definition import definition
from mrr.cli.receipt import receipt
from mrr.cli.rolling import Look, rolled
from mrr.reports.rollforward import Row

if TYPE_CHECKING:
    from mrr.cli.demo import Shown

BAR = 24


def page(shown: "Shown", console: Console) -> Iterator[RenderableType]:
    """The parts of the page, from top to bottom."""
    meant = shown.definition
    look = Look("month", 0, meant.as_of, meant.timezone, shown.names)
    yield _imported(shown)
    last = shown.history.rows[-1]
    yield _under(f"Roll-forward of the last twelve months, {meant.currency}", rolled(_last_year(shown), look, console))
    yield chart(shown.history.rows, look, meant.currency, console.width)
    yield _under(f"MRR by plan, {last.period_starts_on:%B %Y}", _plans(shown))
    hashes = Text(f"policy hash   {meant.policy_hash}\nledger digest {meant.ledger_digest}", ink.QUIET)
    yield _under(f"At the end of {last.period_starts_on:%B %Y}", _headline(last, meant.currency))
    yield Group(definition(meant), hashes)
    story = receipt(shown.explained, meant, shown.customer.attributes.get("name"))
    yield _under("One movement, down to its events", story)
    yield _under("What to try next", _next(shown))


def _last_year(shown: "Shown") -> list[Row]:
    return shown.history.rows[-12:]


def _under(title: str, body: RenderableType) -> Group:
    return Group(Text(title, ink.STRONG), body)


def _imported(shown: "Shown") -> Text:
    firm, counts = shown.firm, shown.counts
    last = shown.history.rows[-1].period_starts_on
    told = Text(f"A simulated SaaS company, {firm.starts_on:%B %Y} to {last:%B %Y}\n", ink.STRONG)
    told.append(f"{counts.entries:,} deliveries of Stripe events and {shown.quotes:,} days of exchange rates imported ")
    told.append(f"and posted in {shown.seconds} s:\n{counts.decoded:,} decoded, {counts.irrelevant:,} irrelevant, ")
    told.append(f"{counts.duplicates:,} delivered twice, {counts.quarantined:,} quarantined.\n")
    return told.append_text(_verdict(shown))


def _verdict(shown: "Shown") -> Text:
    if shown.differing:
        return Text(f"✗ differs from the simulator's own books in {shown.differing:,} movements or month ends", ink.BAD)
    equal = f"equal to the simulator's own books: {shown.movements:,} movements, to the micro"
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
    whole, part = divmod(8 * BAR * row.closing_micros // total, 8)
    bar = Text("█" * whole + " ▏▎▍▌▋▊▉"[part].strip(), ink.GAIN)
    told = f"{share} %" if share else "<1 %"
    return [names.get(group, group), figures.written(units), told, bar, f"{row.customers_closing:,}"]


def _headline(last: Row, currency: str) -> Table:
    """The figures that everybody asks for, each with what it is."""
    customers = last.customers_closing
    rows = (
        ("MRR", last.closing_micros, "what all items that count come to a month"),
        ("ARR", 12 * last.closing_micros, "12 × MRR"),
        ("customers", customers, "with MRR above 0"),
        ("ARPA", last.closing_micros // max(customers, 1), "MRR ÷ customers"),
        ("net new", last.closing_micros - last.opening_micros, f"closing − opening of {last.period_starts_on:%B %Y}"),
    )
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column()
    made.add_column(justify="right")
    for name, amount, what in rows:
        units = amount if name == "customers" else figures.rounded(amount, 0)
        unit = f"{'':4}" if name == "customers" else f" {currency}"
        text = figures.written(units, plus=name == "net new")
        made.add_row(name, Text(text + unit, ink.STRONG), Text(what, ink.QUIET))
    return made


def commands(shown: "Shown") -> Iterator[tuple[str, str]]:
    """Lines to type, and what each shows; all of them work on the demo's book."""
    month = f"{shown.history.rows[-1].period_starts_on:%Y-%m}"
    movement = shown.explained.movement
    yield "mrr rollforward --interval quarter --chart", "three years, by quarter"
    yield "mrr rollforward --by segment --interval year", "which customers grow"
    yield f"mrr movements --from {month} --class churn", "who left last month"
    yield f"mrr movements --customer {movement.customer_id}", "the life of one customer"
    yield f"mrr explain {movement.movement_id[:8]}", "the receipt above"
    yield "mrr policy show", "how MRR is defined here"
    yield f"mrr bridge now stripe --from {month}", "why Stripe's page says something else"
    yield "mrr verify", "check the journal, entry by entry"


def _next(shown: "Shown") -> Text:
    told = Text(f"  export {_path()}MRR_BOOK={shown.folder}\n", no_wrap=True, overflow="ignore")
    width = max(len(words) for words, _ in commands(shown))
    for words, what in commands(shown):
        told.append(f"  {words:{width}}").append(f"  {what}\n", ink.QUIET)
    return told.append("  mrr --help")


def _path() -> str:
    """How to reach `mrr` where the shell does not know it yet."""
    return "" if shutil.which("mrr") else f'PATH="{Path(sys.argv[0]).parent.absolute()}:$PATH" '
