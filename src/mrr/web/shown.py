"""Figures as the pages show them: whole units with greyed cents, signs that are true, compact only in tiles."""

from collections.abc import Sequence
from datetime import date, datetime

from markupsafe import Markup

from mrr import figures
from mrr.money import DIGITS, MICROS

# Marks that stand before the figure; every other currency is named by its code.
MARKS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
NARROW = " "


def mark(currency: str) -> str:
    """The mark of a currency, or its code."""
    return MARKS.get(currency, f"{currency}{NARROW}")


def money(micros: int, currency: str, *, plus: bool = False, cents: bool = False) -> Markup:
    """An amount; `plus` puts a sign on gains, `cents` shows the minor unit, quieter."""
    places = DIGITS[currency] if cents else 0
    units = figures.rounded(micros, places)
    whole, part = divmod(abs(units), 10**places)
    sign = figures.MINUS if units < 0 else "+" if plus and units > 0 else ""
    small = Markup('<span class="cents">.{}</span>').format(f"{part:0{places}d}") if places else ""
    return Markup("{}{}{}{}").format(sign, mark(currency), f"{whole:,}", small)


def compact(micros: int, currency: str, *, plus: bool = False) -> str:
    """An amount for tiles: `$25.38M`, `+$267.6k`."""
    size = abs(micros) // MICROS
    sign = figures.MINUS if micros < 0 else "+" if plus and micros > 0 else ""
    for unit, letter, places in ((10**9, "B", 2), (10**6, "M", 2), (10**5, "k", 1)):
        if size >= unit:
            base = 1_000 if letter == "k" else unit
            return (
                f"{sign}{mark(currency)}{figures.written(figures.rounded(abs(micros) // base, places), places)}{letter}"
            )
    return f"{sign}{mark(currency)}{size:,}"


def percent(ratio: str | None, places: int = 1) -> str:
    """A ratio with six places as a share."""
    if ratio is None:
        return "–"
    return figures.written(figures.rounded(figures.micros_of(ratio) * 100, places), places) + f"{NARROW}%"


def plain(ratio: str | None) -> str:
    """A ratio with six places as a number with one."""
    return "–" if ratio is None else figures.written(figures.rounded(figures.micros_of(ratio), 1), 1)


def spark(values: Sequence[int], *, is_open: bool, width: int = 54, height: int = 24) -> Markup:
    """A line of the last values as SVG; its last step is dashed and its end hollow while the period is not over."""
    if len(values) < 2:
        return Markup("")
    low, high = min(values), max(values)
    spread = (high - low) or 1
    step = (width - 4) / (len(values) - 1)
    points = [(2 + n * step, 3 + (height - 6) * (high - value) / spread) for n, value in enumerate(values)]
    text = [f"{x:.1f},{y:.1f}" for x, y in points]
    solid = text[:-1] if is_open else text
    dashed = f'<polyline class="prov" points="{" ".join(text[-2:])}"/>' if is_open else ""
    x, y = points[-1]
    end = f'<circle{" class=open" if is_open else ""} cx="{x:.1f}" cy="{y:.1f}" r="2.25"/>'
    box = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return Markup(
        f'<svg class="spark" {box} aria-hidden="true"><polyline points="{" ".join(solid)}"/>{dashed}{end}</svg>'
    )


def day(on: date) -> str:
    """`3 Nov 2026`."""
    return f"{on.day} {on:%b %Y}"


def moment(then: datetime, timezone: str) -> str:
    """An instant on the clock of the book."""
    return figures.local(then, timezone)
