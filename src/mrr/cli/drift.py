"""What a comparison came to, as it is shown: the verdict, both sides, and every difference with its why."""

from collections.abc import Sequence
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mrr import figures
from mrr.cli import ink
from mrr.period import instant
from mrr.reconcile.history import Run
from mrr.reconcile.outcome import Difference, Reconciled

# More rows than this are for --json.
SHOWN = 40


def shown(found: Reconciled) -> Sequence[RenderableType]:
    """The verdict and both sides, the largest differences, and what else is to be said."""
    parts: list[RenderableType] = [_head(found)]
    if found.rows:
        parts.append(_rows(found.rows[:SHOWN], figures.decimals(found.definition.currency, cents=True)))
    if len(found.rows) > SHOWN:
        parts.append(Text(f"and {len(found.rows) - SHOWN:,} more: --json lists all.", ink.QUIET))
    if found.notes:
        parts.append(Text("\n".join(found.notes), ink.QUIET))
    return parts


def _head(found: Reconciled) -> Text:
    mark = ("✓ ", ink.GOOD) if found.within else ("✗ ", ink.BAD)
    code = found.definition.currency
    places = figures.decimals(code, cents=True)
    ours, theirs, drift = (
        _money(micros, places) for micros in (found.ours_micros, found.theirs_micros, found.drift_micros)
    )
    told = Text.assemble(mark, (found.what, ink.STRONG), f": {found.ours} {ours}, {found.theirs} {theirs} {code}\n")
    told.append(
        f"  drift {drift} {code}, {_percent(found.drift_percent)} of at most {_percent(found.threshold_percent)}; "
    )
    told.append(f"{found.compared:,} compared, {figures.plural(len(found.rows), 'difference')}")
    if found.causes:
        told.append("\n  " + ", ".join(f"{count:,} {cause}" for cause, count in found.causes.items()), ink.QUIET)
    if found.backfilled:
        told.append(f"\n  {figures.plural(found.backfilled, 'snapshot')} backfilled; this is what is left", ink.QUIET)
    return told


def _rows(rows: Sequence[Difference], places: int) -> Group:
    """A line of figures for each difference, and under it, quietly, what and why."""
    cells = [
        (row.customer_id or "–", row.cause, *(_money(side, places) for side in (row.ours_micros, row.theirs_micros)))
        for row in rows
    ]
    heads = ("customer", "cause", "ours", "theirs")
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    lines: list[RenderableType] = [Text(_line(heads, widths) + "  difference", ink.QUIET)]
    for row, cell in zip(rows, cells, strict=True):
        change = ink.signed(row.difference_micros, f"{_money(row.difference_micros, places, plus=True):>10}")
        lines.append(Text.assemble(_line(cell, widths) + "  ", change))
        why = ": ".join(filter(None, (row.subject, row.detail))) + (f" → {row.remedy}" if row.remedy else "")
        lines.append(Padding(Text(why, ink.QUIET), (0, 0, 0, 2), expand=False))
    return Group(*lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    texts = (f"{cell:<{width}}" for cell, width in zip(cells[:2], widths[:2], strict=True))
    amounts = (f"{cell:>{width}}" for cell, width in zip(cells[2:], widths[2:], strict=True))
    return "  ".join((*texts, *amounts))


def _money(micros: int, places: int, *, plus: bool = False) -> str:
    return figures.written(figures.rounded(micros, places), places, plus=plus)


def _percent(number: Decimal) -> str:
    text = f"{round(number, 4):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + " %"


def run(run: Run) -> Sequence[ink.Cell]:
    """A comparison of the past as a row."""
    mark = Text("✓", ink.GOOD) if run.within else Text("✗", ink.BAD)
    places = figures.decimals(run.currency, cents=True)
    sides = (_money(run.ours_micros, places), _money(run.theirs_micros, places))
    drift = _percent(Decimal(run.drift_percent))
    when = f"{instant(run.told_at):%Y-%m-%d %H:%M}"
    return (when, run.what, *sides, drift, mark, f"{run.differences:,}", f"{run.backfilled or ''}")
