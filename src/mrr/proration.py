"""What a bill for part of a period comes to: the price, by the share of the period, rounded as the biller rounds."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Literal, NamedTuple

from mrr.money import MICROS, Mode, settle

Interval = Literal["day", "week", "month", "year"]
_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)


class Span(NamedTuple):
    """A half-open stretch of time."""

    starts_at: datetime
    ends_at: datetime


class Rule(NamedTuple):
    """How a biller prorates: the share of a period in seconds or in days, itself rounded to `share_places` or not.

    `month_days`: every month is reckoned to have so many days. Rounding is of sizes: a credit mirrors a charge.
    """

    unit: Literal["second", "day"] = "second"
    share_places: int | None = None
    month_days: int | None = None
    mode: Mode = "half_away"

    def length(self, span: Span) -> int:
        """How many seconds or days a stretch has."""
        if self.unit == "second":
            return (span.ends_at - span.starts_at) // _SECOND
        if self.month_days is None:
            return (span.ends_at.date() - span.starts_at.date()).days
        ends, starts = span.ends_at, span.starts_at
        months = 12 * (ends.year - starts.year) + ends.month - starts.month
        return months * self.month_days + ends.day - starts.day


# By the second, the amount rounded once; by the day, the share rounded to nine places before the amount is; and that in
# a calendar whose months have thirty days.
RULES = {"second": Rule(), "day": Rule("day", 9), "day30": Rule("day", 9, 30)}


def prorated(price: Fraction, part: Span, whole: Span, digits: int, rule: Rule) -> int:
    """The micros of `price` (major units, >= 0, for the whole period) over a part of it, to `digits` decimals.

    A part that covers several whole periods has a share above 1.
    """
    return settle(price * share(part, whole, rule), digits, rule.mode)


def share(part: Span, whole: Span, rule: Rule) -> Fraction:
    """Which part of a period a stretch is, under a rule; 0 where the period has no length."""
    length = rule.length(whole)
    if length <= 0:
        return Fraction(0)
    exact = Fraction(max(rule.length(part), 0), length)
    if rule.share_places is None:
        return exact
    # What `settle` gives are millionths; scaling by a power of ten makes them the places that are wanted.
    scale = 10 ** (rule.share_places - 6)
    return Fraction(settle(exact * scale, 6, rule.mode), MICROS * scale)


def shifted(moment: datetime, interval: Interval, count: int, anchor: int | None = None) -> datetime:
    """The instant `count` intervals later (earlier, if negative), on day `anchor` of the month or its last day."""
    if interval in ("day", "week"):
        return moment + count * timedelta(days=7 if interval == "week" else 1)
    months = moment.year * 12 + moment.month - 1 + count * (12 if interval == "year" else 1)
    year, month = divmod(months, 12)
    first = datetime(year, month + 1, 1)
    last = datetime(year + (month == 11), (month + 1) % 12 + 1, 1) - _DAY
    day = min(anchor or moment.day, last.day)
    return first.replace(day=day) + (moment - moment.replace(hour=0, minute=0, second=0, microsecond=0))
