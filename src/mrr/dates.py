"""What a person writes for an instant or a day: read within the calendar, or refused with what to write."""

from datetime import date, datetime

from mrr.errors import WrongUse
from mrr.period import FIRST_AT, OPEN_END, Grain, next_period, parse_instant


def asked_at(text: str, timezone: str) -> datetime:
    """The naive UTC instant of a date or time before the year 9999. Raises WrongUse."""
    try:
        moment = parse_instant(text, timezone)
    except OverflowError:
        moment = OPEN_END
    if moment.year >= OPEN_END.year:
        raise WrongUse(f"{text!r} is beyond the calendar", remedy="Write a date before the year 9999.")
    return moment


def seen_at(text: str, timezone: str) -> datetime:
    """The naive UTC instant at which objects were observed. Raises WrongUse for one before 1970, too."""
    moment = asked_at(text, timezone)
    if moment < FIRST_AT:
        raise WrongUse(f"{text!r} is before 1970", remedy="Write when the objects were seen to be so.")
    return moment


def first_day(text: str | None) -> date | None:
    """The first day of `2024`, `2024-01` or `2024-01-15`."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text + "-01-01"[: 3 * (3 - len(text.split("-")))])
    except ValueError:
        raise WrongUse(f"{text!r} is no day, month or year", remedy="Write 2024, 2024-01 or 2024-01-15.") from None


def last_day(text: str | None) -> date | None:
    """The last day of `2024`, `2024-01` or `2024-01-15`, the period included."""
    first = first_day(text)
    if first is None or text is None:
        return None
    if first.year >= OPEN_END.year:
        raise WrongUse(f"{text!r} is beyond the calendar", remedy="Write a date before the year 9999.")
    said: Grain = {1: "year", 2: "month", 3: "day"}[len(text.split("-"))]  # type: ignore[assignment]
    return date.fromordinal(next_period(first, said).toordinal() - 1)
