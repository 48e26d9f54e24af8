"""Exchange rates of the simulated years: one random walk a currency, on working days, in whole numbers only."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from random import Random

from mrr.simulate.clock import first_of_month

# Currency: (digits after the point, first value in units of the last digit, lowest, highest).
_WALKS = {
    "EUR": (6, 1_080_000, 950_000, 1_250_000),
    "GBP": (6, 1_240_000, 1_100_000, 1_420_000),
    "JPY": (8, 735_000, 600_000, 900_000),
    "KWD": (6, 3_255_000, 3_200_000, 3_320_000),
}
_LEAD_DAYS = 62
_DAILY_STEP = 3_000  # at most this many millionths up or down from one working day to the next


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `currency` is worth `value` (a decimal string) US dollars on `day`."""

    day: date
    currency: str
    value: str


def walk(seed: int, starts_on: date, ends_on: date) -> Iterator[Rate]:
    """Rates of every working day from two months before `starts_on` to the day before `ends_on`, by day."""
    rng = Random(f"mrr rates {seed}")
    now = {currency: first for currency, (_, first, _, _) in _WALKS.items()}
    for number in range(first_of_month(starts_on).toordinal() - _LEAD_DAYS, ends_on.toordinal()):
        day = date.fromordinal(number)
        if day.weekday() >= 5:
            continue
        for currency, (digits, _, low, high) in _WALKS.items():
            now[currency] = min(high, max(low, _stepped(now[currency], rng)))
            yield Rate(day, currency, _decimal(now[currency], digits))


def _stepped(value: int, rng: Random) -> int:
    return value + value * rng.randrange(-_DAILY_STEP, _DAILY_STEP + 1) // 1_000_000


def _decimal(value: int, digits: int) -> str:
    whole, part = divmod(value, 10**digits)
    return f"{whole}.{part:0{digits}d}"


class RateTable:
    """Looks up the rate that is in force: month M's, its latest, takes force on M's last day (RULINGS A26)."""

    def __init__(self, rates: Iterator[Rate]) -> None:
        self._days: dict[str, list[date]] = {}
        self._values: dict[str, list[Fraction]] = {}
        self._known: dict[tuple[str, date], Fraction] = {}
        for rate in rates:
            self._days.setdefault(rate.currency, []).append(rate.day)
            self._values.setdefault(rate.currency, []).append(Fraction(rate.value))

    def in_force(self, currency: str, day: date) -> Fraction:
        """US dollars for one unit in a movement of `day`: the month's own rate on its last day, else last month's."""
        if currency == "USD":
            return Fraction(1)
        tomorrow = date.fromordinal(day.toordinal() + 1)
        first = tomorrow if tomorrow.day == 1 else first_of_month(day)
        known = self._known.get((currency, first))
        if known is None:
            known = self._known[currency, first] = self._before(currency, first)
        return known

    def _before(self, currency: str, day: date) -> Fraction:
        place = bisect_right(self._days[currency], date.fromordinal(day.toordinal() - 1))
        return self._values[currency][place - 1]
