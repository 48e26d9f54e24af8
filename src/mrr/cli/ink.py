"""Colour belongs to the figures: gains blue, losses orange, the rest is ink; and the plain table they stand in."""

from collections.abc import Iterable, Sequence

from rich.box import Box
from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.style import Style
from rich.table import Table
from rich.text import Text

GAIN, LOSS = Style(color="#4a8fdb"), Style(color="#d9702f")
QUIET, STRONG, PLAIN = Style(dim=True), Style(bold=True), Style()
GOOD, BAD = Style(color="green"), Style(color="red", bold=True)

# A hairline under the heads and nothing else.
HAIRLINE = Box("    \n    \n ── \n    \n    \n    \n    \n    \n")

Cell = str | Text


def signed(units: int, text: str) -> Text:
    """A change in the colour of its direction."""
    return Text(text, QUIET if units == 0 else GAIN if units > 0 else LOSS)


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    words: Sequence[int] = (0,),
    loose: Sequence[int] = (),
    gap: int = 2,
    title: str | None = None,
    least: Sequence[int] | None = None,
) -> Table:
    """A table of figures, but for the columns of `words`; where space is short the `loose` ones give way.

    `least` are the widths of the columns, at the least; `gap` is the space between them.
    """
    made = Table(box=HAIRLINE, show_edge=False, pad_edge=False, padding=(0, gap - 1, 0, 0), collapse_padding=True)
    made.header_style = made.border_style = QUIET
    made.title, made.title_justify, made.title_style = title, "left", STRONG
    for place, head in enumerate(heads):
        made.add_column(
            head,
            justify="left" if place in words else "right",
            no_wrap=place not in loose,
            min_width=least[place] if least else None,
            vertical="bottom",
        )
    for row in rows:
        made.add_row(*(_unwrapped(cell) for cell in row))
    return made


def _unwrapped(cell: Cell) -> Text:
    text = cell if isinstance(cell, Text) else Text(cell)
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def pairs(rows: Iterable[tuple[str, Cell]]) -> Table:
    """Names and what they stand for, without heads."""
    made = Table.grid(padding=(0, 2, 0, 0))
    for name, value in rows:
        made.add_row(name, value)
    return made


def width_of(part: RenderableType, console: Console) -> int:
    """How wide a part would like to be."""
    return Measurement.get(console, console.options.update(max_width=10_000), part).maximum
