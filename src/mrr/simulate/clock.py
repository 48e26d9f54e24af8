"""Calendar arithmetic on epoch seconds in UTC: the simulator's only calendar."""

from calendar import isleap
from datetime import UTC, date, datetime

MINUTE = 60
HOUR = 3_600
DAY = 86_400
_UNIX_DAY = date(1970, 1, 1).toordinal()
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def midnight(day: date) -> int:
    """The epoch second at which `day` begins in UTC."""
    return (day.toordinal() - _UNIX_DAY) * DAY


def day_of(at: int) -> date:
    """The UTC day on which the instant `at` falls."""
    return date.fromordinal(_UNIX_DAY + at // DAY)


def instant(at: int) -> str:
    """`at` as an ISO 8601 instant in UTC, such as 2025-01-31T23:59:30Z."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def months_later(anchor: int, months: int) -> int:
    """`anchor` moved by whole months, its day clamped to the month's length, its time of day kept."""
    days, seconds = divmod(anchor, DAY)
    day = date.fromordinal(_UNIX_DAY + days)
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = 29 if month0 == 1 and isleap(year) else _LENGTHS[month0]
    return (date(year, month0 + 1, min(day.day, last)).toordinal() - _UNIX_DAY) * DAY + seconds


def boundary(anchor: int, interval: str, count: int, number: int) -> int:
    """Where billing period `number` begins, counted from `anchor` in steps of `count` intervals."""
    steps = count * number
    if interval == "month":
        return months_later(anchor, steps)
    if interval == "year":
        return months_later(anchor, 12 * steps)
    return anchor + steps * (DAY if interval == "day" else 7 * DAY)


def first_of_month(day: date, months: int = 0) -> date:
    """The first day of `day`'s month, moved by `months`."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, 1)


def month_ends(starts_on: date, ends_on: date) -> list[date]:
    """The last day of every month that lies in `[starts_on, ends_on)`."""
    ends: list[date] = []
    month = first_of_month(starts_on)
    while True:
        month = first_of_month(month, 1)
        last = date.fromordinal(month.toordinal() - 1)
        if last >= ends_on:
            return ends
        ends.append(last)


def apart(one: int, other: int) -> int:
    """Seconds between two times of day, the shorter way round."""
    gap = (one - other) % DAY
    return min(gap, DAY - gap)
