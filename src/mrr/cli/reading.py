"""What reads a book: rollforward, movements, customers, explain."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from mrr import figures
from mrr.answers import Definition, Rollforward
from mrr.book import Book
from mrr.cli import ink, say
from mrr.cli.chart import chart
from mrr.cli.definition import definition
from mrr.cli.options import (
    AsJson,
    AsOf,
    BookDir,
    Cents,
    Class,
    CustomerId,
    First,
    Interval,
    KnownAt,
    Last,
    OnLedger,
    State,
    filters,
    looking,
)
from mrr.cli.receipt import receipt, sentence
from mrr.cli.rolling import Look, cut_short, footnote, rolled
from mrr.errors import WrongUse
from mrr.period import Grain
from mrr.reports.customers import Customer
from mrr.reports.movements import Movement

# From this width on tables have room for what can be left out.
WIDE = 100

By = Annotated[
    str | None, typer.Option("--by", metavar="KEY", help="One roll-forward per plan, currency or customer attribute.")
]
Where = Annotated[
    list[str] | None, typer.Option("--where", metavar="KEY=VALUE", help="Only what has this plan, currency, attribute.")
]
MovementClass = Annotated[Class | None, typer.Option("--class", help="Only this class.")]
CustomerState = Annotated[State | None, typer.Option("--state", help="Only customers in this state.")]
AsClosed = Annotated[bool, typer.Option("--as-closed", help="Closed months as they were sealed, not as now.")]
AsChart = Annotated[bool, typer.Option("--chart", help="Draw the closing MRR under the table.")]


def rollforward(
    context: typer.Context,
    interval: Interval = "month",
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    on: OnLedger = None,
    known_at: KnownAt = None,
    by: By = None,
    where: Where = None,
    cents: Cents = False,
    with_chart: AsChart = False,
    as_closed: AsClosed = False,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Show how opening MRR became closing MRR, period by period.

    Losses are negative, and every row adds up. With --by or --where, MRR that crosses from one group into another is
    entering and leaving. A change of policy stands in a column of its own; so does, with --as-closed, what became known
    after a close.
    """
    if with_chart and by is not None:
        raise WrongUse("--chart draws one line of MRR", remedy="Use --where KEY=VALUE instead of --by KEY.")
    with looking(context, book, on, known_at) as ledger:
        asked = {"first": first, "last": last, "as_of": as_of, "by": by}
        found = ledger.rollforward(interval=interval, where=filters(where), as_closed=as_closed, **asked)
        names = product_names(ledger, by)
    if as_json:
        say.answer(found)
        return
    say.show(*told(found, interval, names, cents=cents, with_chart=with_chart))


def product_names(ledger: Book, by: str | None) -> Mapping[str, str]:
    """The names of the groups, where they are products of the catalogue."""
    return ledger.names() if by in ("plan", "product") else {}


def told(
    found: Rollforward, interval: Grain, names: Mapping[str, str], *, cents: bool, with_chart: bool
) -> Iterator[RenderableType]:
    """The table, the chart if it is wanted, and what they mean."""
    meant, page = found.definition, say.Page()
    look = Look(interval, figures.decimals(meant.currency, cents), meant.as_of, meant.timezone, names)
    yield rolled(found.rows, look, page)
    if with_chart and found.rows:
        yield chart(found.rows, look, meant.currency, page.width)
    yield definition(meant, *([footnote(look)] if found.rows and cut_short(found.rows[-1], look) else []))


def movements(
    context: typer.Context,
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    on: OnLedger = None,
    known_at: KnownAt = None,
    customer: CustomerId = None,
    kind: MovementClass = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """List what changed, for whom, by how much, and why.

    With --json one object a line, with all its lines and causes. The id at the end of a row is for `mrr explain`.
    """
    with looking(context, book, on, known_at) as ledger:
        found = ledger.movements(first=first, last=last, as_of=as_of, customer=customer, kind=kind)
    if as_json:
        say.answer_lines(found.rows)
        return
    page = say.Page()
    table = _movements(found.rows, found.definition, wide=page.width >= WIDE)
    say.show(table if found.rows else Text("No movement fits.", ink.QUIET), definition(found.definition))


def _movements(found: Sequence[Movement], meant: Definition, *, wide: bool) -> Table:
    heads = ["on", "customer", "class", "amount", "MRR after", "id", *(["why"] if wide else [])]
    places = figures.decimals(meant.currency, cents=True)
    rows = ((*_movement(row, places), *([_why(row)] if wide else [])) for row in found)
    return ink.table(heads, rows, words=(0, 1, 2, 5, 6), loose=(1, 6))


def _movement(row: Movement, places: int) -> Sequence[ink.Cell]:
    units = figures.rounded(row.amount_micros, places)
    after = figures.written(figures.rounded(row.mrr_after_micros, places), places)
    amount = ink.signed(units, figures.written(units, places, plus=True))
    return f"{row.on}", row.customer_id, row.class_, amount, after, Text(row.movement_id[:8], ink.QUIET)


def _why(row: Movement) -> str:
    return ", ".join(dict.fromkeys(cause for line in row.lines for cause in line.causes))


def customers(
    context: typer.Context,
    customer: CustomerId = None,
    state: CustomerState = None,
    as_of: AsOf = None,
    on: OnLedger = None,
    known_at: KnownAt = None,
    cents: Cents = False,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """List the customers with state and MRR, the largest first.

    With --json one object a line, with all attributes.
    """
    with looking(context, book, on, known_at) as ledger:
        answer = ledger.customers(as_of=as_of, customer=customer, state=state)
    found, meant = answer.rows, answer.definition
    if as_json:
        say.answer_lines(found)
        return
    table = _customers(found, figures.decimals(meant.currency, cents), wide=say.Page().width >= WIDE)
    say.show(table if found else Text("No customer fits.", ink.QUIET), definition(meant, *_total(found, meant)))


def _customers(found: Sequence[Customer], places: int, *, wide: bool) -> Table:
    heads = ["customer", "name", "state", "MRR", "items", "since", *(["last change"] if wide else [])]
    sums = figures.cascade(0, [one.mrr_micros for one in found], places)
    rows = (_customer(one, units, places)[: len(heads)] for one, units in zip(found, sums, strict=True))
    return ink.table(heads, rows, words=(0, 1, 2), loose=(0, 1))


def _customer(one: Customer, units: int, places: int) -> Sequence[ink.Cell]:
    amount = Text(figures.written(units, places), ink.PLAIN if units else ink.QUIET)
    dates = (f"{on}" if on else "–" for on in (one.since_on, one.changed_on))
    return one.customer_id, one.attributes.get("name", ""), one.state, amount, f"{one.items:,}", *dates


def _total(found: Sequence[Customer], meant: Definition) -> list[str]:
    total = figures.written(figures.rounded(sum(one.mrr_micros for one in found), 0))
    return [f"{figures.plural(len(found), 'customer')}, together {total} {meant.currency} of MRR."] if found else []


def explain(
    context: typer.Context,
    movement_id: Annotated[str, typer.Argument(metavar="ID", help="A movement's id, or the beginning of it.")],
    as_of: AsOf = None,
    on: OnLedger = None,
    known_at: KnownAt = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Explain one movement down to the events behind it.

    A sentence for finance, then the events, the facts they decoded to, the arithmetic, the policy keys that decided
    it, and the ledger it stands in. `mrr movements` lists the ids.
    """
    with looking(context, book, on, known_at) as ledger:
        found = ledger.explain(movement_id=movement_id, as_of=as_of)
        meant = ledger.definition(as_of=as_of)
        name = name_of(ledger, found.movement)
    if as_json:
        said = sentence(found.movement, meant.currency, name)
        say.answer({"sentence": said, **_fields(found), "definition": meant})
    else:
        say.show(receipt(found, meant, name))


def name_of(ledger: Book, movement: Movement) -> str | None:
    """What the customer of a movement is called, if an attribute says so."""
    known = ledger.customers(customer=movement.customer_id)
    return next((one.attributes["name"] for one in known if "name" in one.attributes), None)


def _fields(found: object) -> dict[str, object]:
    return {name: getattr(found, name) for name in found.__struct_fields__}  # type: ignore[attr-defined]
