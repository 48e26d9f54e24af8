"""The board: key figures with their change and their line, out of answers of the book."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from mrr import figures
from mrr.answers import Definition, Measured, Rollforward
from mrr.metrics.asking import Figure
from mrr.period import local_day, next_period
from mrr.rollforward import Row
from mrr.web.shown import compact, money, percent, plain


class Tile(NamedTuple):
    """A figure on the board: its value now, its change since the period before, and its last values as a line."""

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
    """How a metric is told on the board: rates are of the last month that is over."""

    metric: str
    name: str
    note: str = ""
    over: bool = False
    down_is_good: bool = False


BOARD = (
    Board("arr", "ARR"),
    Board("mrr.net_new", "Net new MRR"),
    Board("customers", "Customers"),
    Board("arpa", "ARPA"),
    Board("nrr.trailing_12", "NRR", "12 months", over=True),
    Board("grr.trailing_12", "GRR", "12 months", over=True),
    Board("churn.logo", "Logo churn", "month", over=True, down_is_good=True),
    Board("quick_ratio", "Quick ratio", "", over=True),
)


def months_before(day: date, months: int) -> date:
    """The first day of the first of so many months that end with the month of a day."""
    number = 12 * day.year + day.month - months
    return date(number // 12, number % 12 + 1, 1)


def hero(history: Rollforward) -> dict[str, Any]:
    """Ending MRR, what it changed by since the last period that is over, and its line."""
    rows, meant = history.rows, history.definition
    row = rows[-1]
    change = row.closing_micros - row.opening_micros
    share = percent(f"{change / row.opening_micros:.6f}") if row.opening_micros else ""
    line = [one.closing_micros for one in rows]
    return {"row": row, "change": change, "share": share, "line": line, "is_open": _is_open(row, meant)}


def _is_open(row: Row, meant: Definition) -> bool:
    return local_day(meant.as_of, meant.timezone) < next_period(row.period_starts_on, "month")


def tile(board: Board, found: Measured) -> Tile:
    """A metric on the board; where the month is not over a rate is that of the month before."""
    rows = found.rows[:-1] if board.over and found.rows and not found.rows[-1].complete else found.rows
    told = [row for row in rows if _number(row) is not None]
    values = [_number(row) or 0 for row in told]
    change = values[-1] - values[-2] if len(values) > 1 else 0
    meant, last = found.definition, told[-1] if told else None
    return Tile(
        name=board.name,
        note=board.note,
        value=_value(board, last, meant.currency),
        change=_change(board, last, change, meant.currency) if last is not None and change else "",
        is_good=(change > 0) != board.down_is_good,
        since=f"vs {_month_before(last.period_starts_on):%b}" if last is not None and len(values) > 1 else "",
        line=values,
        is_open=last is not None and not last.complete,
        status=meant.status,
    )


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


def plans(found: Rollforward) -> list[dict[str, Any]]:
    """The largest plans with their share of all; the rest as one."""
    rows = sorted(
        (row for row in found.rows if row.closing_micros or row.opening_micros), key=lambda r: -r.closing_micros
    )
    total = sum(row.closing_micros for row in rows) or 1
    return [
        {"row": row, "change": row.closing_micros - row.opening_micros, "share": 48 * row.closing_micros // total}
        for row in rows[:8]
    ]
