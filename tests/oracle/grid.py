"""The small grid on which drawn stories live, so that instants, boundaries and window edges coincide often."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Any

DAYS = (
    *("2025-01-05", "2025-01-10", "2025-01-15", "2025-01-30", "2025-01-31", "2025-02-01", "2025-02-10", "2025-02-15"),
    *("2025-02-27", "2025-02-28", "2025-03-01", "2025-03-09", "2025-03-10", "2025-03-15", "2025-03-30", "2025-03-31"),
    *("2025-04-01", "2025-04-10", "2025-04-30", "2025-05-01", "2025-05-31"),
)
# Midnight of UTC, New York (winter, summer), Berlin (winter, summer), and times that share an hour.
TIMES = ("00:00:00", "00:00:05", "04:00:00", "05:00:00", "09:00:00", "09:30:00", "10:00:00", "22:00:00", "23:00:00")
GRID = tuple(datetime.fromisoformat(f"{day}T{time}+00:00") for day in DAYS for time in TIMES)
AS_OF = tuple(
    datetime.fromisoformat(text).replace(tzinfo=UTC)
    for text in ("2025-06-01", "2026-03-01", "2025-05-01T04:00:00", "2025-04-01", "2025-02-28T05:00:00")
)
LATER = (*GRID, datetime(2025, 7, 1, tzinfo=UTC), datetime(2026, 1, 10, tzinfo=UTC))


def iso(at: datetime) -> str:
    """An instant as a scenario file writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def when(text: str) -> datetime:
    """An instant out of a drawn fact."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def after(at: datetime) -> list[datetime]:
    """What of the grid lies after an instant; the grid ends late enough for there to be something."""
    return [later for later in LATER if later > at]


def upto(at: datetime) -> list[datetime]:
    """What of the grid lies at or before an instant, the nearest first."""
    return [earlier for earlier in reversed(GRID) if earlier <= at]


def period_from(starts: datetime, item: dict[str, Any]) -> list[str]:
    """A billing period of an item's interval that starts at an instant."""
    count, interval = int(item["interval_count"]), item["interval"]
    if interval in ("day", "week"):
        return [iso(starts), iso(starts + timedelta(days=count * (7 if interval == "week" else 1)))]
    months = starts.year * 12 + starts.month - 1 + count * (12 if interval == "year" else 1)
    year, month = divmod(months, 12)
    day = min(starts.day, monthrange(year, month + 1)[1])
    return [iso(starts), iso(starts.replace(year=year, month=month + 1, day=day))]


def renewed(period: list[str], item: dict[str, Any], at: datetime) -> list[str]:
    """The billing period that contains an instant, walked forward from a known one."""
    while when(period[1]) <= at:
        period = period_from(when(period[1]), item)
    return period
