"""A chart of closing MRR in block characters: a column a period, from zero."""

from collections.abc import Sequence
from datetime import date

from rich.text import Text

from mrr.cli import ink
from mrr.cli.rolling import Look, cut_short
from mrr.figures import period_label, written
from mrr.money import MICROS
from mrr.period import Grain
from mrr.reports.rollforward import Row

HEIGHT = 8
EIGHTHS = " ▁▂▃▄▅▆▇█"
_TENTHS = (10, 15, 20, 25, 30, 40, 50, 60, 80)


def chart(rows: Sequence[Row], look: Look, currency: str, width: int) -> Text:
    """Closing MRR of each period, the newest at the right, next to the scale; one that is not over yet stands back.

    Periods that do not fit are left out, the oldest first.
    """
    top = _top(max((row.closing_micros for row in rows), default=0) // MICROS)
    margin = len(written(top)) + 2
    shown = list(rows)[-max(1, width - margin) :]
    each = max(1, min(6, (width - margin + 1) // max(1, len(shown))))
    heights = [row.closing_micros * HEIGHT * 8 // (top * MICROS) for row in shown]
    over = len(shown) - cut_short(shown[-1], look)
    rest = len(shown) * each - (each > 1)
    drawn = Text(f"Closing MRR by {look.grain}, {currency}\n", ink.STRONG)
    for level in reversed(range(HEIGHT)):
        line = _line(heights, level, each)[:rest]
        drawn.append(line[: over * each], ink.GAIN).append(line[over * each :], ink.QUIET)
        drawn.append(_mark(level, top) + "\n", ink.QUIET)
    return drawn.append(_axis([row.period_starts_on for row in shown], look.grain, each), ink.QUIET)


def _line(heights: Sequence[int], level: int, each: int) -> str:
    bar, gap = max(1, each - 1), " " if each > 1 else ""
    blocks = (EIGHTHS[max(0, min(8, height - 8 * level))] for height in heights)
    return "".join(block * bar + gap for block in blocks)


def _mark(level: int, top: int) -> str:
    """The scale stands at the top, in the middle and at zero."""
    marks = {HEIGHT - 1: top, HEIGHT // 2 - 1: top // 2, 0: 0}
    return f" {written(marks[level])}" if level in marks else ""


def _axis(starts: Sequence[date], grain: Grain, each: int) -> str:
    """Each year under its first period, and the first period by its own name where there is room before them."""
    marks = {place * each: f"{start.year}" for place, start in enumerate(starts) if _turns(starts, place)}
    first = period_label(starts[0], grain)
    if min(marks, default=len(first) + 1) > len(first):
        marks[0] = first
    line = ""
    for place in sorted(marks):
        if place >= len(line) + bool(line):
            line = line.ljust(place) + marks[place]
    return line


def _turns(starts: Sequence[date], place: int) -> bool:
    return place > 0 and starts[place].year != starts[place - 1].year


def _top(most: int) -> int:
    """A round number at or above the largest amount, in major units."""
    scale = 1
    while True:
        for tenths in _TENTHS:
            if tenths * scale >= 10 * max(most, 1) and tenths * scale % 20 == 0:
                return tenths * scale // 10
        scale *= 10
