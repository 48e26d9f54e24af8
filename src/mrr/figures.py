"""Figures as people read them: true minus, thousands separators, rounded so that what is shown adds up."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import accumulate, pairwise

from mrr.money import DIGITS, MICROS
from mrr.period import Grain, zone

MINUS = "−"


def decimals(currency: str, cents: bool) -> int:
    """How many decimals a table shows: none, or on request those of the currency."""
    return DIGITS[currency] if cents else 0


def rounded(micros: int, places: int) -> int:
    """Micros in units of the last shown decimal, ties away from 0. For display only: nothing is reckoned with it."""
    step: int = MICROS // 10**places
    size = (2 * abs(micros) + step) // (2 * step)
    return -size if micros < 0 else size


def cascade(opening: int, changes: Iterable[int], places: int) -> list[int]:
    """The changes (micros) as they are shown: differences of the rounded running sum, so that a row adds up."""
    sums = accumulate(changes, initial=opening)
    return [after - before for before, after in pairwise(rounded(total, places) for total in sums)]


def written(units: int, places: int = 0, *, plus: bool = False) -> str:
    """Units of the last shown decimal as text, such as `−1,234.50`; `plus` puts a sign on gains too."""
    whole, part = divmod(abs(units), 10**places)
    sign = MINUS if units < 0 else "+" if plus and units > 0 else ""
    return f"{sign}{whole:,}" + (f".{part:0{places}d}" if places else "")


def exact(micros: int, *, plus: bool = False) -> str:
    """Micros with two decimals where that is all there is, else with six: `100.00`, `65.833333`."""
    cents, rest = divmod(micros, 10_000)
    return written(micros, 6, plus=plus) if rest else written(cents, 2, plus=plus)


def count(number: int) -> str:
    """A number of things."""
    return written(number)


def micros_of(ratio: str) -> int:
    """Millionths of a decimal with six places."""
    return int(ratio.replace(".", ""))


def percent(millionths: int) -> str:
    """A share as `97.6%`, rounded to one decimal, ties away from 0."""
    return written(rounded(millionths * 100, 1), 1) + "%"


def plural(number: int, one: str, many: str | None = None) -> str:
    """`1 entry`, `2,000 entries`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def hours(minutes: int) -> str:
    """A time to the minute: `14 h 05 min`."""
    return f"{minutes // 60} h {minutes % 60:02} min"


def period_label(start: date, grain: Grain) -> str:
    """`2025`, `2025-Q1`, `2025-01`, and days and weeks by their first day."""
    if grain == "quarter":
        return f"{start.year}-Q{(start.month + 2) // 3}"
    return {"year": f"{start.year}", "month": f"{start:%Y-%m}"}.get(grain, start.isoformat())


def period_name(start: date, grain: Grain) -> str:
    """`2025`, `Q1 2025`, `January 2025`, `the week of 6 January 2025`, `6 January 2025`."""
    names = {"year": f"{start.year}", "quarter": f"Q{(start.month + 2) // 3} {start.year}", "month": f"{start:%B %Y}"}
    return names.get(grain, f"the week of {day(start)}" if grain == "week" else day(start))


def day(on: date) -> str:
    """`15 March 2025`."""
    return f"{on.day} {on:%B %Y}"


def local(moment: datetime, timezone: str) -> str:
    """A naive UTC instant on the clock of the book: `2025-03-15 09:00 UTC`."""
    there = moment.replace(tzinfo=UTC).astimezone(zone(timezone))
    return f"{there:%Y-%m-%d %H:%M:%S}".removesuffix(":00") + f" {there:%Z}"
