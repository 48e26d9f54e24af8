"""The roll-forward as a table: a period a row, or a period a column where the screen is too narrow for that."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from mrr import figures
from mrr.cli import ink
from mrr.figures import cascade, period_label, rounded, written
from mrr.period import Grain, local_day, next_period
from mrr.reports.rollforward import CLASSES, JUMPS, Row

# Columns that are left out where nothing stands in them.
RARE = ("entering", "leaving", *JUMPS)


class Look(NamedTuple):
    """How a roll-forward is shown: `places` decimals, the `names` of groups, and the instant that cuts it short."""

    grain: Grain
    places: int
    as_of: datetime
    timezone: str
    names: Mapping[str, str]


class Shown(NamedTuple):
    """A row in units of the last of `places` decimals: opening, the changes by class, closing; and the customers."""

    label: str
    group: str | None
    opening: int
    changes: dict[str, int]
    closing: int
    customers: int
    places: int


def rolled(rows: Sequence[Row], look: Look, console: Console) -> RenderableType:
    """Every group under its name; a row for each period, and the classes across."""
    if not rows:
        return Text("There are no movements yet.", ink.QUIET)
    rows = _largest_first(rows)
    classes = tuple(kind for kind in (*CLASSES, *JUMPS) if kind not in RARE or _occurs(kind, rows))
    shown = [_shown(row, look, classes) for row in rows]
    if rows[0].group is not None and len({row.period_starts_on for row in rows}) == 1:
        label = shown[0].label
        shown = [row._replace(label=row.group or "–", group=label) for row in shown]
    return _laid_out(shown, classes, console)


def cut_short(row: Row, look: Look) -> bool:
    """Whether the period of a row is not over yet."""
    return local_day(look.as_of, look.timezone) < next_period(row.period_starts_on, look.grain)


def _largest_first(rows: Sequence[Row]) -> Sequence[Row]:
    """Groups by their last closing MRR, each with its periods in order."""
    closing = {row.group: row.closing_micros for row in rows}
    return sorted(rows, key=lambda row: (-closing[row.group], row.group or "", row.period_starts_on))


def _occurs(kind: str, rows: Iterable[Row]) -> bool:
    return any(getattr(row, f"{kind}_micros") for row in rows)


def _shown(row: Row, look: Look, classes: Sequence[str]) -> Shown:
    amounts = [getattr(row, f"{kind}_micros") for kind in classes]
    changes = dict(zip(classes, cascade(row.opening_micros, amounts, look.places), strict=True))
    group = look.names.get(row.group, row.group) if row.group is not None else None
    opening, closing = rounded(row.opening_micros, look.places), rounded(row.closing_micros, look.places)
    return Shown(_label(row, look), group, opening, changes, closing, row.customers_closing, look.places)


def _label(row: Row, look: Look) -> str:
    """The period, with a star if `as_of` cuts it short."""
    return period_label(row.period_starts_on, look.grain) + ("*" if cut_short(row, look) else "")


def _laid_out(shown: Sequence[Shown], classes: Sequence[str], console: Console) -> RenderableType:
    for gap, short in ((3, False), (2, False), (2, True), (1, True)):
        tables = _by_row(shown, classes, gap, short)
        if all(ink.width_of(table, console) <= console.width for table in tables):
            return _spaced(tables)
    return _spaced(list(_by_column(shown, classes, console)))


def _spaced(tables: Sequence[Table]) -> RenderableType:
    parts: list[RenderableType] = []
    for table in tables:
        parts += ([Text()] if parts else []) + [table]
    return Group(*parts)


_SHORT = {"expansion": "expan-\nsion", "contraction": "contrac-\ntion", "reactivation": "reacti-\nvation"}
_SHORT |= {"entering": "enter-\ning", "leaving": "leav-\ning", "customers": "cus-\ntomers"}


def _by_row(shown: Sequence[Shown], classes: Sequence[str], gap: int, short: bool) -> list[Table]:
    heads = ["opening", *classes, "closing", "customers"]
    rows = [_cells(row) for row in shown]
    wide = [max(row[place].cell_len for row in rows) for place in range(len(heads))]
    first = max(len(row.label) for row in shown)
    tables = []
    for group, members in groupby(zip(shown, rows, strict=True), key=lambda pair: pair[0].group):
        named = ["", *(_SHORT.get(head, head) if short else head for head in heads)]
        body: list[list[ink.Cell]] = [[row.label, *cells] for row, cells in members]
        tables.append(ink.table(named, body, gap=gap, title=group, least=[first, *wide]))
    return tables


def _cells(row: Shown) -> list[Text]:
    changes = [_change(kind, units, written(units, row.places)) for kind, units in row.changes.items()]
    opening, closing = (written(units, row.places) for units in (row.opening, row.closing))
    return [Text(opening), *changes, Text(closing, ink.STRONG), Text(f"{row.customers:,}")]


def _change(kind: str, units: int, text: str) -> Text:
    return Text(text, ink.QUIET) if kind in ("fx", *JUMPS) else ink.signed(units, text)


def _by_column(shown: Sequence[Shown], classes: Sequence[str], console: Console) -> Iterator[Table]:
    heads = ["opening", *classes, "closing", "customers"]
    for group, members in groupby(shown, key=lambda row: row.group):
        rows = list(members)
        each = max(cell.cell_len for row in rows for cell in (*_cells(row), Text(row.label))) + 2
        for block in _blocks(rows, max(1, (console.width - 12) // each)):
            columns = [[Text(head) for head in heads], *(_cells(row) for row in block)]
            named, least = ["", *(row.label for row in block)], [12, *(each - 2 for _ in block)]
            yield ink.table(named, zip(*columns, strict=True), title=group, least=least)


def _blocks(rows: Sequence[Shown], most: int) -> Iterator[Sequence[Shown]]:
    """Blocks of nearly equal size, each at most `most` long."""
    number = -(-len(rows) // most)
    size = -(-len(rows) // number)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def footnote(look: Look) -> str:
    """What the star means."""
    return f"* not over yet: up to {figures.local(look.as_of, look.timezone)}"
