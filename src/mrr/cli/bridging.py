"""What holds one ledger against another: bridge."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from mrr import figures
from mrr.bridge import RULES, UNEXPLAINED, Beside, Bridge, Cause, Entry, Match, Month, Side, Step
from mrr.cli import ink, say
from mrr.cli.definition import definition
from mrr.cli.options import AsJson, AsOf, BookDir, Cents, First, Last, opened
from mrr.cli.progress import meter
from mrr.cli.receipt import receipt

SHOWN_ROWS, SHOWN_ENTRIES = 20, 20
# The length of an engine's hash.
HASH = 64
_STOPPED = "Nothing was changed."

LeftWords = Annotated[str, typer.Argument(metavar="LEFT", help="A ledger: now, @DAY, POLICY, close:MONTH, KEY=VALUE.")]
RightWords = Annotated[str, typer.Argument(metavar="RIGHT", help="Another one; else now.")]
OnlyCustomer = Annotated[
    str | None, typer.Option("--customer", metavar="ID", help="One customer, both explanations side by side.")
]


def bridge(
    context: typer.Context,
    left: LeftWords,
    right: RightWords = "now",
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    customer: OnlyCustomer = None,
    cents: Cents = False,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Show how one ledger becomes another, cause by cause.

    A ledger is written `now`, `@2026-05-03` (what was known then), a preset or policy file, `close:2026-10`, or as what
    differs from now: `churn_at=request`, `sources=native+tabular`, `edits=none`; parts are set apart by commas. With
    --json every row, with its evidence.
    """
    days = {"first": first, "last": last, "as_of": as_of}
    with meter(quiet=as_json) as bars, opened(context, book, bars) as ledger, say.stoppable(_STOPPED):
        found = ledger.bridge(left=left, right=right, customer=customer, **days)
        both = ledger.beside(left=left, right=right, customer=customer, as_of=as_of) if customer else []
    if as_json:
        say.answer({"bridge": found, "beside": both} if customer else found)
        return
    say.show(*told(found, cents=cents or customer is not None), *_beside(both, found))


def told(found: Bridge, *, cents: bool) -> Iterator[RenderableType]:
    """Both ends, the causes between them, the months, and the rows that weigh most."""
    places = figures.decimals(found.definition.currency, cents)
    yield _ends(found, places)
    if found.causes:
        yield _causes(found.causes, places)
    entries = [entry for cause in found.causes for entry in cause.entries]
    if entries:
        yield from _some(_entries(entries[:SHOWN_ENTRIES], places), len(entries) - SHOWN_ENTRIES, "entries more")
    matches = [one for cause in found.causes for one in cause.matches if one.month == found.months[-1].month]
    if matches:
        yield _rules(matches, places)
    if found.rows:
        yield _months(found.months, places)
        largest = sorted(found.rows, key=lambda row: -abs(row.amount_micros))[:SHOWN_ROWS]
        yield from _some(_rows(largest, places), len(found.rows) - SHOWN_ROWS, "rows more; --json lists all")
    yield definition(found.definition, _balance(found, places))


def _some(table: Table, left: int, what: str) -> Iterator[RenderableType]:
    yield table
    if left > 0:
        yield Text(f"… and {left:,} {what}", ink.QUIET)


def _ends(found: Bridge, places: int) -> Table:
    rows = [[name, *_end(side, places)] for name, side in (("left", found.left), ("right", found.right))]
    rows.append(["difference", "", "", "", _change(found.difference_micros, places)])
    return ink.table(["", "ledger", "policy", "known at entry", "closing"], rows, words=(0, 1, 2), loose=(1,))


def _end(side: Side, places: int) -> list[ink.Cell]:
    return [side.words, f"{side.policy} {side.policy_hash[:8]}", f"{side.seq:,}", _amount(side.closing_micros, places)]


def _causes(causes: Sequence[Cause], places: int) -> Table:
    heads = ["cause", "", "customers", "amount", "first in", "last in", ""]
    return ink.table(heads, [_cause(one, places) for one in causes], words=(0, 1, 6), loose=(1,))


def _cause(one: Cause, places: int) -> list[ink.Cell]:
    keys = ", ".join(_brief(value) for value in one.keys.values())
    first, last = sum(one.first_in.values()), sum(one.last_in.values())
    apart = [_amount(first, places), _amount(last, places), "interacts"] if one.interacts else ["", "", ""]
    return [one.name, Text(keys, ink.QUIET), f"{one.customers:,}", _change(one.amount_micros, places), *apart]


def _brief(value: str) -> str:
    """Two values of a key; of hashes their beginning says enough."""
    return " → ".join(side[:8] if len(side) == HASH else side for side in value.split(" → "))


def _entries(entries: Sequence[Entry], places: int) -> Table:
    rows = (
        (
            one.step.removeprefix("journal: "),
            one.source,
            one.kind,
            f"{one.effective_at:%Y-%m-%d}" if one.effective_at else "always",
            f"{one.recorded_at:%Y-%m-%d %H:%M}",
            _change(one.amount_micros, places),
        )
        for one in entries
    )
    heads = ["entries", "source", "kind", "effective", "recorded", "amount"]
    return ink.table(heads, rows, words=(0, 1, 2, 3, 4), loose=(2,))


def _rules(matches: Sequence[Match], places: int) -> Table:
    """The basis step in the last month shown, by the rule that explains it; what none explains stands there, too."""
    sums = {rule: [one for one in matches if one.rule == rule] for rule in (*RULES, UNEXPLAINED)}
    rows = [
        (rule, f"{len(some):,}", _change(sum(one.after_micros - one.before_micros for one in some), places))
        for rule, some in sums.items()
        if some or rule == UNEXPLAINED
    ]
    return ink.table(["invoices differ by", "items", "amount"], rows)


def _months(months: Sequence[Month], places: int) -> Table:
    differ = [one for one in months if one.causes or one.closing_left_micros != one.closing_right_micros]
    rows = (
        (
            f"{one.month:%Y-%m}",
            _amount(one.closing_left_micros, places),
            _amount(one.closing_right_micros, places),
            _change(one.closing_right_micros - one.closing_left_micros, places),
            ", ".join(name for name, amount in one.causes.items() if amount),
        )
        for one in differ
    )
    return ink.table(["closing of", "left", "right", "difference", "moved by"], rows, words=(0, 4), loose=(4,))


def _rows(rows: Sequence[Step], places: int) -> Table:
    cells = (
        (
            f"{row.month:%Y-%m}",
            row.customer_id,
            row.class_,
            _step(row),
            _amount(row.before_micros, places),
            _amount(row.after_micros, places),
            _change(row.amount_micros, places),
        )
        for row in rows
    )
    heads = ["month", "customer", "class", "step", "without", "with", "amount"]
    return ink.table(heads, cells, words=(0, 1, 2, 3), loose=(1, 3))


def _step(row: Step) -> str:
    """The step, with its entry where it is one of several and not said already."""
    named = len(row.entries) == 1 and "entry" not in row.step
    return f"{row.step}: entry {row.entries[0]}" if named else row.step


def _balance(found: Bridge, places: int) -> str:
    apart = figures.plural(found.customers, "customer differs", "customers differ")
    rows = figures.plural(len(found.rows), "row")
    worth = figures.plural(len(found.subscriptions), "subscription is", "subscriptions are")
    left = _amount(found.remainder_micros, places)
    return f"{apart}; {worth} worth another amount at the closing. {rows}, left over: {left}."


def _beside(both: Sequence[Beside], found: Bridge) -> Iterator[RenderableType]:
    for one in both:
        for side, explained in ((found.left, one.left), (found.right, one.right)):
            title = Text(f"{one.customer_id}, only in {side.words}", ink.STRONG)
            meant = found.definition
            receipts = [receipt(part, meant) for part in explained]
            yield Group(title, *(receipts or [Text("nothing", ink.QUIET)]))


def _amount(micros: int, places: int) -> str:
    return figures.written(figures.rounded(micros, places), places)


def _change(micros: int, places: int) -> Text:
    units = figures.rounded(micros, places)
    return ink.signed(units, figures.written(units, places, plus=True))
