"""Other instants that a tool's figure may be of: a day or a month beside ours, or the midnight of another zone."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from mrr.period import local_day, midnight, next_period, period_start

ZONES = ("UTC", "America/Los_Angeles", "America/New_York", "Europe/Berlin", "Asia/Tokyo")


class Clock(NamedTuple):
    """A way to read the claim's instants: what it is called, and the instant that ours becomes."""

    name: str
    says: str
    moved: Callable[[datetime], datetime]


def clocks(timezone: str, instants: Sequence[datetime]) -> Iterator[Clock]:
    """The ways that fit all of the instants: months where each ends one, other zones where each ends a day."""
    yield Clock("a day earlier", "their figure is a day older than it says", lambda at: at - timedelta(days=1))
    yield Clock("a day later", "their figure is a day newer than it says", lambda at: at + timedelta(days=1))
    days = [local_day(at, timezone) for at in instants]
    if any(at != midnight(day, timezone) for at, day in zip(instants, days, strict=True)):
        return
    for zone in ZONES:
        if zone != timezone:
            yield Clock(f"midnight in {zone}", "their days end there", _midnight_in(zone, timezone))
    if all(day.day == 1 for day in days):
        yield Clock("a month earlier", "their figure is of the month before", _month_earlier(timezone))
        yield Clock(
            "a month later",
            "their figure is of the month after",
            lambda at: midnight(next_period(local_day(at, timezone), "month"), timezone),
        )


def _midnight_in(zone: str, timezone: str) -> Callable[[datetime], datetime]:
    return lambda at: midnight(local_day(at, timezone), zone)


def _month_earlier(timezone: str) -> Callable[[datetime], datetime]:
    return lambda at: midnight(period_start(local_day(at, timezone) - timedelta(days=1), "month"), timezone)
