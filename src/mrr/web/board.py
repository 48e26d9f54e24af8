"""The board: key figures with their change and their line, out of answers of the book."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from mrr import figures
from mrr.answers import Measured, Rollforward
from mrr.metrics import catalogue
from mrr.metrics.asking import Figure, decimal
from mrr.period import local_day, next_period
from mrr.reports.rollforward import Row
from mrr.web.rolling import sealed
from mrr.web.shown import compact, money, percent, plain


class Tile(NamedTuple):
    """A figure on the board: its value now, its change since the period before, and its last values as a line."""

    metric: str
    name: str
    note: str
    value: Any
    change: str
    is_good: bool
    since: str
    line: Sequence[int]
    is_open: bool
    status: str


class Board(NamedTuple):
    """How a metric is told on the board: rates are of the last month that is `over`.

    Part of a month compares with the same days of the month before where it is told `to_date`.
    """

    metric: str
    name: str
    note: str = ""
    over: bool = False
    down_is_good: bool = False
    to_date: bool = False


BOARD = (
    Board("arr", "ARR"),
    Board("mrr.net_new", "Net new MRR", to_date=True),
    Board("customers", "Customers"),
    Board("arpa", "ARPA"),
    Board("nrr.trailing_12", "NRR", "12 months", over=True),
    Board("grr.trailing_12", "GRR", "12 months", over=True),
    Board("churn.logo", "Logo churn", "month", over=True, down_is_good=True),
    Board("quick_ratio", "Quick ratio", "", over=True),
)


def asked() -> list[Board]:
    """The metrics of the board in the order in which to ask for them: those that look at the same days together."""
    return sorted(BOARD, key=lambda one: catalogue.named(one.metric).stretch)


def hero(history: Rollforward) -> dict[str, Any]:
    """Ending MRR, what it changed by since the last period that is over, and its line."""
    rows, meant = history.rows, history.definition
    row = rows[-1]
    change = row.closing_micros - row.opening_micros
    share = percent(decimal(Fraction(change, row.opening_micros))) if row.opening_micros else ""
    line = [one.closing_micros for one in rows]
    today, over = local_day(meant.as_of, meant.timezone), next_period(row.period_starts_on, "month")
    told = {"row": row, "change": change, "share": share, "line": line, "is_open": today < over, "today": today}
    return told | {"days": (over - row.period_starts_on).days}


def tile(board: Board, found: Measured, seals: Mapping[str, str], before: int | None = None) -> Tile:
    """A metric on the board; where the month is not over a rate is that of the month before.

    `before` is with what to compare, where that is not the whole month before.
    """
    rows = found.rows[:-1] if board.over and found.rows and not found.rows[-1].complete else found.rows
    told = [row for row in rows if _number(row) is not None]
    values = [_number(row) or 0 for row in told]
    then = before if before is not None else values[-2] if len(values) > 1 else None
    change = values[-1] - then if values and then is not None else 0
    meant, last = found.definition, told[-1] if told else None
    return Tile(
        metric=board.metric,
        name=board.name,
        note=board.note,
        value=_value(board, last, meant.currency),
        change=_change(board, last, change, meant.currency) if last is not None and change else "",
        is_good=(change > 0) != board.down_is_good,
        since=_since(last, before) if last is not None and len(values) > 1 else "",
        line=values,
        is_open=last is not None and not last.complete,
        status=(last and board.over and sealed(last.period_starts_on, seals)) or meant.status,
    )


def _since(last: Figure, before: int | None) -> str:
    then = f"{_month_before(last.period_starts_on):%b}"
    return f"vs {then}, same day" if before is not None else f"{last.period_starts_on:%b} vs {then}"


def _month_before(month: date) -> date:
    return date.fromordinal(month.toordinal() - 1).replace(day=1)


def _number(row: Figure) -> int | None:
    """The value of a figure as an integer: micros, a count, or millionths of a ratio."""
    if row.value_micros is not None:
        return int(row.value_micros)
    if row.count is not None:
        return int(row.count)
    return figures.micros_of(row.ratio) if row.ratio is not None else None


# Told as shares, their change in points.
RATES = ("NRR", "GRR", "Logo churn")


def _value(board: Board, row: Figure | None, currency: str) -> Any:
    if row is None:
        return "–"
    if row.value_micros is not None and board.metric == "arpa":
        return money(row.value_micros, currency, cents=True)
    if row.value_micros is not None:
        return compact(row.value_micros, currency, plus=board.metric == "mrr.net_new")
    if row.count is not None:
        return f"{row.count:,}"
    return percent(row.ratio) if board.name in RATES else plain(row.ratio)


def _change(board: Board, row: Figure, change: int, currency: str) -> str:
    if row.value_micros is not None:
        return compact(change, currency, plus=True)
    if row.count is not None:
        return figures.written(change, plus=True)
    if board.name in RATES:
        return figures.written(figures.rounded(change * 100, 1), 1, plus=True) + " pt"
    return figures.written(figures.rounded(change, 1), 1, plus=True)


class Share(NamedTuple):
    """A group of a roll-forward: its last row, in whole units that add up; its change; its share of all in parts of 48.

    `line` are its closings, period by period.
    """

    group: str | None
    row: Row
    units: int
    change: int
    share: int
    ratio: str
    line: Sequence[int]


def shares(found: Rollforward) -> list[Share]:
    """The groups of a roll-forward that have or had MRR in its last period, the largest first."""
    lines: dict[str | None, list[Row]] = {}
    for row in found.rows:
        lines.setdefault(row.group, []).append(row)
    ranked = sorted(lines.values(), key=lambda rows: (-rows[-1].closing_micros, rows[-1].group or ""))
    ranked = [rows for rows in ranked if rows[-1].closing_micros or rows[-1].opening_micros]
    total = sum(rows[-1].closing_micros for rows in ranked) or 1
    units = figures.cascade(0, [rows[-1].closing_micros for rows in ranked], 0)
    before = figures.cascade(0, [rows[-1].opening_micros for rows in ranked], 0)
    return [
        Share(
            rows[-1].group,
            rows[-1],
            unit,
            unit - then,
            48 * rows[-1].closing_micros // total,
            decimal(Fraction(rows[-1].closing_micros, total)),
            [row.closing_micros for row in rows],
        )
        for rows, unit, then in zip(ranked, units, before, strict=True)
    ]


def first(shown: Sequence[Share], most: int) -> tuple[Sequence[Share], Share | None]:
    """The largest groups, and all others as one, where there are others."""
    rest = shown[most:]
    if not rest:
        return shown, None
    row = Row(rest[0].row.period_starts_on, None)
    for name in ("opening_micros", "closing_micros", "customers_opening", "customers_closing"):
        setattr(row, name, sum(getattr(one.row, name) for one in rest))
    line = [sum(values) for values in zip(*(one.line for one in rest), strict=False)]
    ratio = decimal(sum((Fraction(one.ratio) for one in rest), Fraction()))
    units, change = sum(one.units for one in rest), sum(one.change for one in rest)
    return shown[:most], Share(f"{len(rest)} others", row, units, change, sum(one.share for one in rest), ratio, line)
