"""A roll-forward as columns that add up on the screen: whole units by cascade, customers beneath, its state above."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from mrr import figures
from mrr.answers import Definition, Rollforward
from mrr.lookups.movers import Moved
from mrr.period import Grain, local_day, next_period
from mrr.reports.rollforward import Row

CLASSES = ("new", "expansion", "reactivation", "entering", "contraction", "churn", "leaving", "fx", "policy")
ALWAYS = ("new", "expansion", "reactivation", "contraction", "churn")
TITLES: Mapping[str, str] = {"fx": "FX", "policy": "Policy change"}


class Cell(NamedTuple):
    """An amount in whole units of the currency, and how many customers are behind it (None: nobody counts them)."""

    units: int
    customers: int | None


class Column(NamedTuple):
    """A period: where it opens, what moved by class, the net of that, where it closes; `state` is that of its seal."""

    start: date
    label: str
    state: str
    opening: Cell
    moved: dict[str, Cell]
    net: Cell
    closing: Cell


def classes(rows: Sequence[Row]) -> list[str]:
    """The classes that have a row in the table: five always, the others where they are not all 0."""
    return [name for name in CLASSES if name in ALWAYS or any(getattr(row, f"{name}_micros") for row in rows)]


def has_moved(rows: Sequence[Row]) -> bool:
    """Whether there is any MRR in some periods."""
    return any(row.opening_micros or getattr(row, f"{name}_micros") for row in rows for name in CLASSES)


def title(name: str) -> str:
    """What a class is called."""
    return TITLES.get(name, name.capitalize())


def columns(history: Rollforward, grain: Grain, moved: Sequence[Moved], seals: Mapping[str, str]) -> list[Column]:
    """A column for each period in total; `seals` are those of the book (`Book.seals`)."""
    counted = {(one.period_starts_on, one.class_): one.customers for one in moved}
    shown, meant = classes(history.rows), history.definition
    return [column(row, shown, grain, counted, _state(row, grain, meant, seals)) for row in history.rows]


def column(row: Row, shown: Sequence[str], grain: Grain, counted: Mapping[tuple[date, str], int], state: str) -> Column:
    """A period of one group as a column."""
    units = figures.cascade(row.opening_micros, [getattr(row, f"{name}_micros") for name in shown], 0)
    opening, closing = figures.rounded(row.opening_micros, 0), figures.rounded(row.closing_micros, 0)
    start = row.period_starts_on
    moved = {name: Cell(unit, counted.get((start, name))) for name, unit in zip(shown, units, strict=True)}
    return Column(
        start,
        _label(start, grain),
        state,
        Cell(opening, row.customers_opening),
        moved,
        Cell(closing - opening, row.customers_closing - row.customers_opening),
        Cell(closing, row.customers_closing),
    )


def _label(start: date, grain: Grain) -> str:
    """`Nov`, with its year where that begins; days and weeks as `3 Nov`."""
    if grain in ("quarter", "year"):
        return figures.period_label(start, grain).replace("-", " ")
    if grain == "month":
        return f"{start:%b %Y}" if start.month == 1 else f"{start:%b}"
    return f"{start.day} {start:%b}"


def _state(row: Row, grain: Grain, meant: Definition, seals: Mapping[str, str]) -> str:
    """How the last month of a period stands; nothing for days and weeks, which are never sealed."""
    if grain in ("day", "week"):
        return ""
    over = next_period(row.period_starts_on, grain)
    known = sealed(date.fromordinal(over.toordinal() - 1).replace(day=1), seals)
    return known or ("provisional" if over <= local_day(meant.as_of, meant.timezone) else "open")


def sealed(month: date, seals: Mapping[str, str]) -> str | None:
    """How a month stands if it is closed: a close seals all that was before it, too."""
    return next((state for seal, state in sorted(seals.items()) if seal >= f"{month}"), None)
