"""A cohort triangle as people read it: a cohort a row, a period since joining a column, and all of them together."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from mrr import figures
from mrr.answers import Triangle
from mrr.cli import ink, say
from mrr.cli.definition import definition
from mrr.metrics.cohorts import Cell
from mrr.period import Grain

# Which columns to show where there is no room for all: close together at first, then wider apart.
CHOSEN = (0, 1, 2, 3, 6, 12, 24, 36, 60, 9, 18, 48, 30, 84, 120, 4, 5, 7, 8, 10, 11)


def told(found: Triangle, grain: Grain, by: str | None) -> Iterator[RenderableType]:
    """The title, the triangle, and what it means."""
    yield Text(found.definition.title, ink.STRONG)
    if not found.rows:
        yield Text("No period of any cohort is over yet.", ink.QUIET)
        yield definition(found.definition)
        return
    of_money = found.definition.metric == "cohort.revenue"
    heads = [by or "joined in", "customers", *(["joined with"] if of_money else [])]
    rows = [
        _row(name, list(cells), grain, by, of_money) for name, cells in groupby(found.rows, lambda cell: cell.cohort)
    ]
    rows.append(_together(found.rows, of_money))
    columns, most = _columns(rows, heads), max(cell.periods_since for cell in found.rows)
    body = ([*head, *(cells.get(column, Text()) for column in columns)] for head, cells in rows)
    yield ink.table([*heads, *(f"{column}" for column in columns)], body)
    left_out = [f"Not all {most + 1} columns fit; --json has them."] if len(columns) <= most else []
    yield definition(found.definition, *left_out)


def _columns(rows: Sequence[tuple[list[Text], Mapping[int, Text]]], heads: Sequence[str]) -> Sequence[int]:
    """All columns, or the chosen ones that there is room for."""
    head = sum(max(len(name), *(row[place].cell_len for row, _ in rows)) + 2 for place, name in enumerate(heads))
    each = max(cell.cell_len for _, cells in rows for cell in cells.values()) + 2
    reached = sorted({column for _, cells in rows for column in cells})
    room = max(1, (say.Page().width - head + 2) // each)
    if len(reached) <= room:
        return reached
    return sorted([column for column in CHOSEN if column in reached][:room])


def _row(
    name: str | None, cells: Sequence[Cell], grain: Grain, by: str | None, of_money: bool
) -> tuple[list[Text], dict[int, Text]]:
    label = (name or "–") if by else figures.period_label(date.fromisoformat(str(name)), grain)
    return _head(Text(label), cells[:1], of_money), {cell.periods_since: _share([cell]) for cell in cells}


def _together(cells: Sequence[Cell], of_money: bool) -> tuple[list[Text], dict[int, Text]]:
    """All cohorts that have reached a column, weighted by their size."""
    reached = sorted({cell.periods_since for cell in cells})
    first = [cell for cell in cells if cell.periods_since == 0]
    shares = {column: _share([cell for cell in cells if cell.periods_since == column]) for column in reached}
    whole = {column: Text(share.plain, ink.STRONG) for column, share in shares.items()}
    return [Text(part.plain, ink.STRONG) for part in _head(Text("all"), first, of_money)], whole


def _head(label: Text, first: Sequence[Cell], of_money: bool) -> list[Text]:
    members, joined = sum(cell.members for cell in first), sum(cell.denominator for cell in first)
    return [label, Text(f"{members:,}"), *([Text(figures.written(figures.rounded(joined, 0)))] if of_money else [])]


def _share(cells: Sequence[Cell]) -> Text:
    whole = sum(cell.denominator for cell in cells)
    if not whole:
        return Text("–", ink.QUIET)
    share = Fraction(sum(cell.numerator for cell in cells), whole)
    style = ink.GAIN if share > 1 else ink.QUIET if share < Fraction(1, 2) else ink.PLAIN
    return Text(figures.written(round(share * 100)) + "%", style)
