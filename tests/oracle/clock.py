"""Local days, midnights and billing periods of the oracle."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Period = tuple[datetime, datetime]


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """The local calendar day on which an instant falls."""
    return at.astimezone(zone).date()


def midnight(on: date, zone: ZoneInfo) -> datetime:
    """The instant at which a local day begins."""
    return datetime(on.year, on.month, on.day, tzinfo=zone).astimezone(UTC)


def month_last_day(on: date) -> date:
    """The last day of the month of a day."""
    return on.replace(day=monthrange(on.year, on.month)[1])


def month_before(on: date) -> date:
    """The last day of the month before the month of a day."""
    return on.replace(day=1) - timedelta(days=1)


def _later_end(period: Period, interval: str, count: int, times: int) -> datetime:
    """The end of the period `times` intervals after the known one: larger known day as anchor, clamped (A17)."""
    starts, ends = period
    if interval in ("day", "week"):
        return ends + timedelta(days=(7 if interval == "week" else 1) * count * times)
    months = ends.year * 12 + ends.month - 1 + (12 if interval == "year" else 1) * count * times
    year, month = divmod(months, 12)
    day = min(max(starts.day, ends.day), monthrange(year, month + 1)[1])
    return ends.replace(year=year, month=month + 1, day=day)


def period_end(period: Period, interval: str, count: int, at: datetime, strictly: bool) -> datetime:
    """The first end of a billing period at or after an instant (`strictly`: after it).

    For an instant before the known period the answer is that period's start: the periods abut, and nobody asks
    about the time before it.
    """
    candidates = [period[0], period[1]]
    times = 0
    while candidates[-1] < at or (strictly and candidates[-1] == at):
        times += 1
        candidates.append(_later_end(period, interval, count, times))
    return next(end for end in candidates if end > at or (end == at and not strictly))
