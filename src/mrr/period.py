"""Instants, local days and reporting periods; the only calendar."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Literal
from zoneinfo import ZoneInfo

from mrr.errors import WrongUse

Grain = Literal["day", "week", "month", "quarter", "year"]

FIRST_AT = datetime(1970, 1, 1)
# What has no end ends here; the last instant that any date of a provider may name lies before it.
OPEN_END = datetime(9999, 12, 31)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@cache
def zone(name: str) -> ZoneInfo:
    """A time zone from the pinned IANA data, so that a ledger does not depend on the machine's own copy."""
    *folders, last = name.split("/")
    try:
        place = resources.files(".".join(["tzdata", "zoneinfo", *folders])).joinpath(last)
        with place.open("rb") as file:
            return ZoneInfo.from_file(file, key=name)
    except (ModuleNotFoundError, FileNotFoundError, IsADirectoryError, ValueError) as error:
        raise WrongUse(f"unknown time zone {name!r}", remedy="Use an IANA name such as Europe/Berlin.") from error


def instant(micros: int) -> datetime:
    """The naive UTC datetime of microseconds since the epoch."""
    return FIRST_AT + timedelta(microseconds=micros)


def micros_of(moment: datetime) -> int:
    """Microseconds since the epoch; a naive datetime is UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND


def parse_instant(text: str | datetime | date, timezone: str = "UTC") -> datetime:
    """The naive UTC instant of an ISO date (its local midnight) or date and time (local, unless it has an offset)."""
    try:
        moment = text if isinstance(text, datetime) else datetime.fromisoformat(str(text))
    except ValueError as error:
        raise WrongUse(
            f"{text!r} is no date or time", remedy="Write 2026-10-31 or 2026-10-31T12:00:00+00:00."
        ) from error
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone(timezone))
    return aware.astimezone(UTC).replace(tzinfo=None)


def local_day(moment: datetime, timezone: str) -> date:
    """The local day on which a naive UTC instant falls."""
    return moment.replace(tzinfo=UTC).astimezone(zone(timezone)).date()


def midnight(day: date, timezone: str) -> datetime:
    """The naive UTC instant at which a local day begins, also where a clock change skips midnight."""
    local = datetime(day.year, day.month, day.day, tzinfo=zone(timezone))
    return local.astimezone(UTC).replace(tzinfo=None)


def period_start(day: date, grain: Grain, week_start: int = 0) -> date:
    """The first day of the period in which a day lies; `week_start` 0 is Monday."""
    if grain == "day":
        return day
    if grain == "week":
        return day - timedelta(days=(day.weekday() - week_start) % 7)
    if grain == "month":
        return day.replace(day=1)
    if grain == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(month=1, day=1)


def next_period(start: date, grain: Grain) -> date:
    """The first day of the period after the one that begins at `start`."""
    if grain == "day":
        return start + timedelta(days=1)
    if grain == "week":
        return start + timedelta(days=7)
    months = {"month": 1, "quarter": 3, "year": 12}[grain]
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, 1)


def periods(first: date, last: date, grain: Grain, week_start: int = 0) -> Iterator[date]:
    """The first days of all periods from the one with `first` to the one with `last`, both included."""
    start = period_start(first, grain, week_start)
    while start <= last:
        yield start
        start = next_period(start, grain)


def offsets(timezone: str, first: date, last: date) -> Iterator[tuple[datetime, datetime, int]]:
    """Stretches of one UTC offset: `(starts_at, ends_at, seconds)`, half-open and gap-free over the days given."""
    local = zone(timezone)
    starts, ends = datetime(first.year, first.month, first.day), datetime(last.year, last.month, last.day)
    while starts < ends:
        seconds = _offset(local, starts)
        change = _next_change(local, starts, ends, seconds)
        yield starts, change, seconds
        starts = change


def _offset(local: ZoneInfo, moment: datetime) -> int:
    shift = moment.replace(tzinfo=UTC).astimezone(local).utcoffset()
    assert shift is not None
    return shift // timedelta(seconds=1)


def _next_change(local: ZoneInfo, starts: datetime, ends: datetime, seconds: int) -> datetime:
    """The first instant after `starts` with another offset: a coarse walk by days, then bisection to the second."""
    probe = starts
    while probe < ends and _offset(local, probe) == seconds:
        probe += timedelta(days=7)
    low, high = max(starts, probe - timedelta(days=7)), min(probe, ends)
    if high == ends and _offset(local, ends) == seconds:
        return ends
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        low, high = (middle, high) if _offset(local, middle) == seconds else (low, middle)
    return high
