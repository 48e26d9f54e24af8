"""Metrics of money and of customers, each from the words of its header: levels, flows, rates and what they imply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from tests.oracle.metrics_calendar import Period, Stretch
from tests.oracle.metrics_frame import Frame, Group
from tests.oracle.metrics_people import worth


@dataclass(frozen=True)
class Figure:
    """An exact figure: a plain one has denominator 1; denominator 0 means that there is none."""

    numerator: int
    denominator: int = 1


Figures = dict[tuple[date, Group], Figure]
Formula = Callable[[Frame, Group, Period], Figure]
Number = Callable[[Frame, Group, Period], int]
Metric = Callable[[Frame], Figures]


def each(formula: Formula) -> Metric:
    """A metric that is reckoned group by group and period by period."""

    def metric(frame: Frame) -> Figures:
        found = [(period, group) for group in frame.groups for period in frame.periods]
        return {(period.starts_on, group): formula(frame, group, period) for period, group in found}

    return metric


# What the formulas are made of. `kind` is the stretch.


def _ending(frame: Frame, group: Group, period: Period) -> int:
    return sum(frame.mrr_on(group, period.closes_on).values())


def _opening(frame: Frame, group: Group, stretch: Stretch) -> int:
    return sum(frame.mrr_on(group, stretch.opens_on).values())


def _amount(classes: str, kind: str = "period") -> Number:
    def amount(frame: Frame, group: Group, period: Period) -> int:
        found = frame.classes(group, frame.calendar.stretch(period, kind))
        return sum(found[cls] for cls in classes.split())

    return amount


def _customers(classes: str, kind: str = "period") -> Number:
    def customers(frame: Frame, group: Group, period: Period) -> int:
        found = frame.counted(group, frame.calendar.stretch(period, kind))
        return sum(found[cls] for cls in classes.split())

    return customers


def _payers(frame: Frame, group: Group, period: Period) -> int:
    return sum(micros > 0 for micros in frame.mrr_on(group, period.closes_on).values())


def _losses(frame: Frame, group: Group, period: Period) -> int:
    return -_amount(LOSSES)(frame, group, period)


LOSSES, GAINS = "churn contraction", "new expansion reactivation"

# Levels and flows of money.


def ending(frame: Frame, group: Group, period: Period) -> Figure:
    """What all counted items are worth at the end, looked up in the levels and not summed from movements."""
    return Figure(sum(worth(lines.values()) for lines in frame.before(group, period.ends_at).values()))


def average(frame: Frame, group: Group, period: Period) -> Figure:
    """The mean over the local days, each as it stands after the movements of the day."""
    days = [period.starts_on + timedelta(days=n) for n in range((period.closes_on - period.starts_on).days)]
    sums = [sum(frame.mrr_on(group, day + timedelta(days=1)).values()) for day in days]
    return Figure(sum(sums), len(days))


def plain(amount: Number, sign: int = 1) -> Formula:
    """A figure without a denominator."""
    return lambda frame, group, period: Figure(sign * amount(frame, group, period))


def growth(frame: Frame, group: Group, period: Period) -> Figure:
    """From ending to ending."""
    opening = _opening(frame, group, frame.calendar.stretch(period))
    return Figure(_ending(frame, group, period) - opening, opening)


def of_opening(amount: Number, kind: str = "period", whole: int = 0) -> Formula:
    """An amount against the opening of the stretch; `whole` = 1 counts the opening in."""

    def formula(frame: Frame, group: Group, period: Period) -> Figure:
        opening = _opening(frame, group, frame.calendar.stretch(period, kind))
        return Figure(amount(frame, group, period) + whole * opening, opening)

    return formula


def customers(frame: Frame, group: Group, period: Period) -> Figure:
    """Who is one at the end."""
    return Figure(frame.customers_on(group, period.closes_on))


# Churn, and the life that it leaves.


def _times(frame: Frame) -> int:
    """The mean of two numbers is their sum over 2: by this both sides are multiplied to stay whole."""
    return 2 if frame.asked.key("churn_rate.denominator", "opening") == "average" else 1


def _base(frame: Frame, opening: int, ending: int, joined: int) -> int:
    """The base of churn by report.churn_rate.denominator, times `_times`."""
    by = frame.asked.key("churn_rate.denominator", "opening")
    bases = {"opening_plus_new": opening + joined, "average": opening + ending}
    return int(bases.get(by, opening))


def _logo_base(frame: Frame, group: Group, period: Period) -> int:
    opening = frame.customers_on(group, frame.calendar.stretch(period, "as_churn").opens_on)
    joined = _customers("new reactivation", "as_churn")(frame, group, period)
    return _base(frame, opening, frame.customers_on(group, period.closes_on), joined)


def _revenue_base(frame: Frame, group: Group, period: Period) -> int:
    opening = _opening(frame, group, frame.calendar.stretch(period, "as_churn"))
    joined = _amount("new reactivation", "as_churn")(frame, group, period)
    return _base(frame, opening, _ending(frame, group, period), joined)


def _churned(frame: Frame, group: Group, period: Period) -> int:
    return -_times(frame) * _customers("churn", "as_churn")(frame, group, period)


def _lost(classes: str) -> Number:
    return lambda frame, group, period: -_times(frame) * _amount(classes, "as_churn")(frame, group, period)


def ratio(above: Number, below: Number) -> Formula:
    """One number against another."""
    return lambda frame, group, period: Figure(above(frame, group, period), below(frame, group, period))


def logo_churn_stripe(frame: Frame, group: Group, period: Period) -> Figure:
    """Over thirty days, against those of thirty days ago and those who joined since."""
    stretch = frame.calendar.stretch(period, "thirty_days")
    found = frame.counted(group, stretch)
    joined = found["new"] + found["reactivation"]
    return Figure(-found["churn"], frame.customers_on(group, stretch.opens_on) + joined)


def lifetime(frame: Frame, group: Group, period: Period) -> Figure:
    """Months until churn has taken everybody."""
    months = frame.calendar.stretch(period, "as_churn").months
    base, churned = _logo_base(frame, group, period), _churned(frame, group, period)
    return Figure(base * months.numerator, churned * months.denominator)


def ltv(base: Number, lost: Number) -> Formula:
    """ARPA over the lifetime that a churn implies."""

    def formula(frame: Frame, group: Group, period: Period) -> Figure:
        months = frame.calendar.stretch(period, "as_churn").months
        above = _ending(frame, group, period) * base(frame, group, period) * months.numerator
        return Figure(above, _payers(frame, group, period) * lost(frame, group, period) * months.denominator)

    return formula


# Retention.


def _kept(frame: Frame, group: Group, period: Period, kind: str) -> dict[str, tuple[int, int]]:
    """What each customer of the opening had then, and what is kept of it at the end."""
    stretch = frame.calendar.stretch(period, kind)
    opening, ending = frame.mrr_on(group, stretch.opens_on), frame.mrr_on(group, period.closes_on)
    fx = {} if frame.asked.key("nrr.includes_fx", False) else frame.fx_of(group, stretch)
    found: dict[str, tuple[int, int]] = {}
    for name, was in opening.items():
        now = ending.get(name, 0)
        found[name] = was, max(now - fx.get(name, 0), 0) if now else 0
    return found


def retention(kind: str, capped: str = "") -> Formula:
    """What is kept of the opening: net, or capped `each` by each or `all` together."""

    def formula(frame: Frame, group: Group, period: Period) -> Figure:
        pairs = _kept(frame, group, period, kind).values()
        opening = sum(was for was, _ in pairs)
        kept = sum(min(was, now) if capped == "each" else now for was, now in pairs)
        return Figure(min(kept, opening) if capped == "all" else kept, opening)

    return formula


# Shares of the ending MRR.


def _each_customer(frame: Frame, group: Group, period: Period) -> list[int]:
    found = [worth(lines.values()) for lines in frame.before(group, period.ends_at).values()]
    return sorted(found, reverse=True)


def top(number: int) -> Formula:
    """The share of the largest customers."""

    def formula(frame: Frame, group: Group, period: Period) -> Figure:
        found = _each_customer(frame, group, period)
        return Figure(sum(found[:number]), sum(found))

    return formula


def hhi(frame: Frame, group: Group, period: Period) -> Figure:
    """The sum of the squares against the square of the sum."""
    found = _each_customer(frame, group, period)
    return Figure(sum(micros * micros for micros in found), sum(found) ** 2)


def annual_share(frame: Frame, group: Group, period: Period) -> Figure:
    """What is billed yearly or less often."""
    least = {"year": 1, "month": 12, "week": 52, "day": 365}
    lines = [line for lines in frame.before(group, period.ends_at).values() for line in lines.values()]
    offers = [(line, line.term.offer) for line in lines]
    yearly = [line for line, offer in offers if offer.interval_count >= least[str(offer.interval)]]
    return Figure(worth(yearly), _ending(frame, group, period))


def mix(frame: Frame, group: Group, period: Period) -> Figure:
    """The share of the group in the MRR of all groups."""
    return Figure(_ending(frame, group, period), sum(_ending(frame, one, period) for one in frame.groups))


NET = "churn contraction expansion reactivation"
FORMULAS: dict[str, Formula] = {
    "annual_share": annual_share,
    "arpa": ratio(_ending, _payers),
    "arr": lambda frame, group, period: Figure(12 * ending(frame, group, period).numerator),
    "asp": ratio(_amount("new"), _customers("new")),
    "bookings": plain(_amount(GAINS), 12),
    "churn.logo": ratio(_churned, _logo_base),
    "churn.logo.stripe": logo_churn_stripe,
    "churn.revenue.gross": ratio(_lost(LOSSES), _revenue_base),
    "churn.revenue.net": ratio(_lost(NET), _revenue_base),
    "concentration.hhi": hhi,
    "concentration.top_1": top(1),
    "concentration.top_10": top(10),
    "customers": customers,
    "customers.churned": plain(_customers("churn"), -1),
    "customers.new": plain(_customers("new")),
    "customers.reactivated": plain(_customers("reactivation")),
    "expansion_rate": of_opening(_amount("expansion")),
    "expansion_rate.chargebee": of_opening(_amount("expansion reactivation")),
    "grr": retention("period", "each"),
    "grr.chargebee": retention("period", "all"),
    "grr.trailing_12": retention("twelve_months", "each"),
    "lifetime": lifetime,
    "ltv.margin_free.revenue": ltv(_revenue_base, _lost(LOSSES)),
    "ltv.simple": ltv(_logo_base, _churned),
    "mrr.average": average,
    "mrr.ending": ending,
    "mrr.gross_new": plain(_amount(GAINS)),
    "mrr.growth": growth,
    "mrr.net_new": plain(_amount(f"{GAINS} {LOSSES} entering leaving")),
    "nrr": retention("period"),
    "nrr.baremetrics": of_opening(_amount("churn expansion", "thirty_days"), "thirty_days", 1),
    "nrr.trailing_12": retention("twelve_months"),
    "plan_mix": mix,
    "quick_ratio": ratio(_amount(GAINS), _losses),
    "quick_ratio.baremetrics": ratio(_amount("new expansion"), _losses),
}
METRICS: dict[str, Metric] = {name: each(formula) for name, formula in FORMULAS.items()}
