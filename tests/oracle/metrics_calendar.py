"""What a metric is asked, and the local days it looks at: periods of every grain, and stretches that end with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.clock import local_day, midnight
from tests.oracle.phase import TICK

MONTHS = {
    "day": Fraction(12, 365),
    "week": Fraction(84, 365),
    "month": Fraction(1),
    "quarter": Fraction(3),
    "year": Fraction(12),
}


@dataclass(frozen=True)
class Asked:
    """One question: a grain, a key to group by, filters, the report keys in which it differs from the standard.

    `first` and `last` are local days of the first and last period shown.
    """

    grain: str
    by: str | None = None
    where: tuple[tuple[str, str], ...] = ()
    report: Mapping[str, Any] = field(default_factory=dict)
    first: date | None = None
    last: date | None = None

    def key(self, name: str, standard: Any) -> Any:
        """The value of a report key."""
        return self.report.get(f"report.{name}", standard)

    @property
    def plain(self) -> bool:
        """True where the whole company is meant."""
        return self.by is None and not self.where


@dataclass(frozen=True)
class Period:
    """A row of an answer: the local day on which the period begins, and E, where it ends, no later than as_of.

    `closes_on` is the closing day: the local day before which a movement belongs to it or to an earlier one.
    """

    starts_on: date
    ends_at: datetime
    closes_on: date
    complete: bool


@dataclass(frozen=True)
class Stretch:
    """The local days `[opens_on, closes_on)` that a metric looks at, and how many months they are."""

    opens_on: date
    closes_on: date
    months: Fraction

    def __contains__(self, day: object) -> bool:
        """Whether a local day lies in it."""
        return isinstance(day, date) and self.opens_on <= day < self.closes_on


def next_start(starts_on: date, grain: str) -> date:
    """The first day of the period after the one that begins on a day."""
    if grain in ("day", "week"):
        return starts_on + timedelta(days=1 if grain == "day" else 7)
    for _ in range(int(MONTHS[grain])):
        starts_on = (starts_on + timedelta(days=31)).replace(day=1)
    return starts_on


def _begins(day: date, grain: str, week_start: str) -> bool:
    """Whether a period begins on a day."""
    if grain == "week":
        return day.strftime("%A").lower() == week_start
    months = {"month": range(1, 13), "quarter": (1, 4, 7, 10), "year": (1,)}
    return grain == "day" or (day.day == 1 and day.month in months[grain])


def _year_before(day: date) -> date:
    """The day twelve calendar months before, clamped to its month."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


@dataclass(frozen=True)
class Calendar:
    """The local days of a question up to as_of."""

    asked: Asked
    zone: ZoneInfo
    as_of: datetime

    @property
    def today(self) -> date:
        """The last local day that begins before as_of."""
        return local_day(self.as_of - TICK, self.zone)

    def midnight(self, on: date) -> datetime:
        """The instant at which a local day begins."""
        return midnight(on, self.zone)

    def start_of(self, day: date) -> date:
        """The first day of the period with a day in it, found by walking back."""
        while not _begins(day, self.asked.grain, self.asked.key("week_start", "monday")):
            day -= timedelta(days=1)
        return day

    def periods_from(self, day: date) -> Iterator[Period]:
        """The periods from the one with a day to the last asked for, or that of as_of."""
        starts_on = self.start_of(day)
        while starts_on <= min(self.asked.last or self.today, self.today):
            yield self.period(starts_on)
            starts_on = next_start(starts_on, self.asked.grain)

    def period(self, starts_on: date) -> Period:
        """The period that begins on a day; one that is not over ends at as_of."""
        ends_on = next_start(starts_on, self.asked.grain)
        if self.midnight(ends_on) <= self.as_of:
            return Period(starts_on, self.midnight(ends_on), ends_on, complete=True)
        return Period(starts_on, self.as_of, self.today + timedelta(days=1), complete=False)

    def stretch(self, period: Period, kind: str = "period") -> Stretch:
        """What a metric looks at: period, thirty_days, twelve_months or as_churn."""
        base = self.asked.key("churn_rate.denominator", "opening")
        if kind == "thirty_days" or (kind == "as_churn" and base == "thirty_days_ago"):
            return Stretch(period.closes_on - timedelta(days=30), period.closes_on, Fraction(1))
        if kind == "twelve_months":
            return Stretch(_year_before(period.closes_on), period.closes_on, Fraction(12))
        return Stretch(period.starts_on, period.closes_on, MONTHS[self.asked.grain])
