"""Days out of the ordinary: what moved, against what past and contracts let one expect, and what that may mean."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

import msgspec

from mrr.figures import exact
from mrr.period import midnight
from mrr.policy import Policy
from mrr.warehouse import Warehouse
from mrr.watch import seasons, series
from mrr.watch.bounds import AnomalyBounds
from mrr.watch.chance import at_least, at_most
from mrr.watch.finding import Finding
from mrr.watch.seasons import Expected
from mrr.watch.series import NOTHING, Daily, Moved, Name, Stretch
from mrr.watch.shares import NAMED, odds

# What a signal of a family says of an anomaly of the same day: the data, not the business, has changed.
READINGS = {
    "F1": "missing data",
    "F5": "late data",
    "F2": "duplicated data",
    "F3": "wrong amounts",
    "F4": "wrong rates",
}
REAL = "a real change, as far as the data tells"
# Of an expectation the middle 99.9 % are told.
OUTSIDE = 2000


Signals = Callable[[], Sequence[Finding]]


class Judged(NamedTuple):
    """A series on its day: what came, what was expected, and how likely so much or more (so little or less) was."""

    name: Name
    seen: Moved
    expected: Expected
    chance: Fraction

    @property
    def more(self) -> bool:
        """Whether it was more than expected."""
        return self.seen.moves > self.expected.mean


def anomalies(
    warehouse: Warehouse, policy: Policy, as_of: datetime, bounds: AnomalyBounds, signals: Signals = lambda: ()
) -> list[Finding]:
    """What stands out of the last local day that is over at an instant (UTC), one finding a class and source.

    `signals` of the same time tell what has changed the data rather than the business; they are asked where something
    stands out.
    """
    day = _day_before(as_of, policy["timezone"])
    judged = [*_moves(warehouse, day, bounds), *_entries(warehouse, day, bounds)]
    rare = [one for one in judged if one.chance * len(judged) * bounds.odds < 1 and _matters(one, bounds)]
    found = [_counted(warehouse, policy, group, len(judged), day, bounds) for group in _groups(rare)]
    large: dict[str, Finding] = {}
    for one in _amounts(warehouse, policy, day, bounds):
        large.setdefault(one.rule, one)
    told = [*found, *(one for rule, one in large.items() if rule not in {other.rule for other in found})]
    asked = signals() if told else ()
    return [_read(one, asked, found) for one in told]


def _day_before(as_of: datetime, timezone: str) -> date:
    """The last local day that is over at an instant."""
    day = as_of.date()
    while midnight(day, timezone) > as_of:
        day -= timedelta(days=1)
    while midnight(day + timedelta(days=1), timezone) <= as_of:
        day += timedelta(days=1)
    return day - timedelta(days=1)


def _stretch(begun: date | None, day: date, bounds: AnomalyBounds) -> Stretch | None:
    """The past by which a day is judged, and the day; None where too little of a past is known."""
    if begun is None or (day - begun).days < bounds.known_days:
        return None
    return Stretch(max(begun, day - timedelta(days=bounds.history_days)), day)


def _moves(warehouse: Warehouse, day: date, bounds: AnomalyBounds) -> Iterator[Judged]:
    """The classes of movements, each in total and by its parts: a part is expected to have its share of the total."""
    stretch = _stretch(series.begun(warehouse).get("moved"), day, bounds)
    if stretch is None:
        return
    told = series.moved(warehouse, stretch, bounds.by)
    known = seasons.traits(stretch.days, series.due(warehouse, stretch))
    totals = {name.class_: _expected(told[name], stretch, known) for name in told if name.key == "total"}
    for name, daily in told.items():
        whole = totals[name.class_]
        yield _judge(
            name, daily, whole if name.key == "total" else _part(daily, told[Name(name.class_)], whole, day), day
        )


def _entries(warehouse: Warehouse, day: date, bounds: AnomalyBounds) -> Iterator[Judged]:
    """What came in, by source."""
    for source, begun in series.begun(warehouse).items():
        stretch = _stretch(begun, day, bounds) if source.startswith("source:") else None
        daily = None if stretch is None else series.entries(warehouse, stretch).get(_source(source))
        if stretch is not None and daily is not None:
            known = seasons.traits(stretch.days, series.due(warehouse, stretch))
            yield _judge(_source(source), daily, _expected(daily, stretch, known), day)


def _source(name: str) -> Name:
    return Name(series.ENTRIES, "source", name.partition(":")[2])


def _expected(daily: Daily, stretch: Stretch, known: Sequence[Sequence[int]]) -> Expected:
    return seasons.expected([daily.get(day, NOTHING).moves for day in stretch.days[:-1]], known)


def _part(daily: Daily, whole: Daily, expected: Expected, day: date) -> Expected:
    """What a part has by its share of the past."""
    seen, all_ = (sum(moved.moves for on, moved in one.items() if on < day) for one in (daily, whole))
    return expected.part((seen + Fraction(1, 2)) / max(all_, 1), seen)


def _judge(name: Name, daily: Daily, expected: Expected, day: date) -> Judged:
    seen = daily.get(day, NOTHING)
    tail = at_least if seen.moves > expected.mean else at_most
    # Either side may stand out.
    return Judged(name, seen, expected, 2 * tail(seen.moves, *expected))


def _matters(one: Judged, bounds: AnomalyBounds) -> bool:
    return abs(one.seen.moves - one.expected.mean) >= bounds.least


def _groups(rare: Sequence[Judged]) -> list[list[Judged]]:
    """What is told as one: a class with its parts, and each source; the total first, then the rarest."""
    groups: dict[tuple[str, str, bool], list[Judged]] = {}
    for one in sorted(rare, key=lambda one: (one.name.key != "total", one.chance)):
        source = one.name.value if one.name.key == "source" else ""
        groups.setdefault((one.name.class_, source, one.more), []).append(one)
    return list(groups.values())


def _counted(
    warehouse: Warehouse, policy: Policy, group: Sequence[Judged], of: int, day: date, bounds: AnomalyBounds
) -> Finding:
    one, *parts = group
    low, high = _interval(one.expected)
    class_ = one.name.class_
    customers, seqs = ([], []) if class_ == series.ENTRIES else series.concerned(warehouse, class_, day)
    many = "more" if one.more else "fewer"
    return Finding(
        rule=f"anomaly.{class_}",
        cause=f"source:{one.name.value}" if class_ == series.ENTRIES else f"movement:{class_}",
        urgency="page" if one.chance * of * bounds.page_odds < 1 else "ticket",
        summary=f"{_said(one.name)} on {day}: {one.seen.moves:,}, {many} than the {low:,} to {high:,} to be expected",
        begins_at=midnight(day, policy["timezone"]),
        figures={
            "observed": f"{one.seen.moves:,}",
            "expected": f"{_tenths(one.expected.mean)} ({low:,} to {high:,})",
            "odds": odds(min(one.chance, Fraction(1))),
            **({} if class_ == series.ENTRIES else {"amount": f"{exact(one.seen.amount_micros)} {policy['currency']}"}),
            **{_said(part.name): f"{part.seen.moves:,}, {_tenths(part.expected.mean)} expected" for part in parts},
        },
        customers=customers[:NAMED],
        plans=[part.name.value for part in group if part.name.key == "plan"],
        entries=seqs[:NAMED],
    )


def _said(name: Name) -> str:
    return name.class_ if name.key == "total" else f"{name.class_} of {name.key} {name.value}"


def _interval(expected: Expected) -> tuple[int, int]:
    """The counts between which all but one day in a thousand lie."""
    low = high = int(expected.mean)
    while low and at_most(low - 1, *expected) * OUTSIDE > 1:
        low -= 1
    while at_least(high + 1, *expected) * OUTSIDE > 1:
        high += 1
    return low, high


def _tenths(number: Fraction) -> str:
    tenths = round(10 * number)
    return f"{tenths // 10:,}.{tenths % 10}"


def _amounts(warehouse: Warehouse, policy: Policy, day: date, bounds: AnomalyBounds) -> Iterator[Finding]:
    """Days whose amount is far beyond the largest of the past: of a class so many percent, of a part as much again."""
    stretch = _stretch(series.begun(warehouse).get("moved"), day, bounds)
    if stretch is None:
        return
    told = series.moved(warehouse, stretch, bounds.by)
    for name, daily in sorted(told.items(), key=lambda one: one[0].key != "total"):
        past = [abs(moved.amount_micros) for on, moved in daily.items() if on < day]
        largest, now = max(past, default=0), abs(daily.get(day, NOTHING).amount_micros)
        percent = Fraction(bounds.amount_percent, 100) ** (1 if name.key == "total" else 2)
        if len(past) >= bounds.known_days and now > percent * largest:
            yield _large(warehouse, policy, name, (now, largest), day)


def _large(warehouse: Warehouse, policy: Policy, name: Name, micros: tuple[int, int], day: date) -> Finding:
    customers, seqs = series.concerned(warehouse, name.class_, day)
    now, largest = (f"{exact(one)} {policy['currency']}" for one in micros)
    return Finding(
        rule=f"anomaly.{name.class_}",
        cause=f"movement:{name.class_}",
        urgency="ticket",
        summary=f"{_said(name)} on {day} comes to {now}; the largest day before came to {largest}",
        begins_at=midnight(day, policy["timezone"]),
        figures={"observed": now, "largest before": largest},
        customers=customers[:NAMED],
        plans=[name.value] if name.key == "plan" else [],
        entries=seqs[:NAMED],
    )


def _read(one: Finding, signals: Sequence[Finding], found: Sequence[Finding]) -> Finding:
    """The anomaly with what it may mean: where the data itself is in trouble, that is its cause."""
    fewer = [other for other in found if other.rule == f"anomaly.{series.ENTRIES}" and " fewer " in other.summary]
    told = {signal.rule: READINGS[signal.rule[:2]] for signal in signals if signal.rule[:2] in READINGS}
    told |= {other.rule: "missing data" for other in fewer}
    if not told:
        return msgspec.structs.replace(one, figures={**one.figures, "reading": REAL})
    readings = ", ".join(dict.fromkeys(told.values()))
    cause = next(other.cause for other in [*signals, *fewer] if other.rule in told)
    figures = {**one.figures, "reading": f"{readings} ({', '.join(sorted(told))})"}
    return msgspec.structs.replace(one, cause=cause, figures=figures)
