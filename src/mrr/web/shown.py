"""Figures as the pages show them: whole units with greyed cents, signs that are true, compact only in tiles."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from markupsafe import Markup

from mrr import figures
from mrr.lookups.movers import Part
from mrr.money import DIGITS, MICROS

# Marks that stand before the figure; every other currency is named by its code.
MARKS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
# What templates may call.
WORDS = (
    *("money", "whole", "compact", "percent", "plain", "spark", "day", "moment", "ago"),
    *("class_name", "cause", "change", "count"),
)
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


def whole(units: int, currency: str, *, plus: bool = False) -> str:
    """Whole units of a currency, as a table shows them."""
    sign = figures.MINUS if units < 0 else "+" if plus and units > 0 else ""
    return f"{sign}{mark(currency)}{abs(units):,}"


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


def plain(ratio: str | None, places: int = 1) -> str:
    """A ratio with six places as a number with fewer."""
    return "–" if ratio is None else figures.written(figures.rounded(figures.micros_of(ratio), places), places)


def count(number: int) -> str:
    """A number of things."""
    return figures.count(number)


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


CLASSES = {"fx": "FX"}
EVERY = {"month1": "monthly", "year1": "annual", "month3": "quarterly", "week1": "weekly", "day1": "daily"}


def class_name(name: str) -> str:
    """What a class of movements is called."""
    return CLASSES.get(name, name.capitalize())


def cause(name: str) -> str:
    """What a cause is called."""
    return {"fx": "exchange rate", "add_on": "add-on"}.get(name, name.replace("_", " "))


def change(part: Part, names: Mapping[str, str]) -> str:
    """What changed for an item, in a few words: `48 → 33`, `Team → Business`, `Team × 7`, `discount`."""
    before, after = part.product_before, part.product_after
    plans = names.get(before or "", before or ""), names.get(after or "", after or "")
    if before and after:
        told = {
            "plan": f"{plans[0]} → {plans[1]}",
            "quantity": f"{plans[1]}, {part.quantity_before} → {part.quantity_after}",
            "interval": f"{plans[1]}, {_every(part.interval_before)} → {_every(part.interval_after)}",
        }
        return told.get(part.cause, f"{plans[1]}, {cause(part.cause)}")
    plan, quantity = (plans[1], part.quantity_after) if after else (plans[0], part.quantity_before)
    seats = f" × {quantity:,}" if quantity and quantity != 1 else ""
    involuntary = ", involuntary" if part.involuntary else ""
    return f"{plan}{seats}{'' if part.cause == 'new' else f', {cause(part.cause)}'}{involuntary}"


def _every(interval: str | None) -> str:
    return EVERY.get(interval or "", interval or "")


def ago(then_micros: int, now_micros: int) -> str:
    """How long ago an instant was: `4 s`, `12 min`, `3 h`, `2 days`."""
    seconds = max(now_micros - then_micros, 0) // 1_000_000
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size}{NARROW}{unit}"
    return f"{seconds}{NARROW}s"
