"""A company asked one question: its periods, its groups, and what flowed in each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from tests.oracle.causes import Line, Side, Window
from tests.oracle.clock import local_day
from tests.oracle.ledger import Posted
from tests.oracle.metrics_calendar import Asked, Calendar, Period, Stretch
from tests.oracle.metrics_people import Firm, Person, traits_of, worth
from tests.oracle.phase import TICK

Group = str | None
IN = ("active", "held")
# What a flow of a group counts as; fx beside it is its own.
CLASSES = ("new", "expansion", "contraction", "churn", "reactivation", "entering", "leaving", "fx")


@dataclass(frozen=True)
class Flow:
    """What one window did to one group of one customer: its class, its amount without fx, and fx; signed micros."""

    person: Person
    posted: Posted
    on: date
    fx_on: date
    cls: str | None
    amount: int
    fx: int
    opening: int
    closing: int


class Frame:
    """One question put to one company."""

    def __init__(self, firm: Firm, asked: Asked) -> None:
        """Reckons nothing yet."""
        self.firm = firm
        self.asked = asked
        story = firm.worlds[0].story
        self.calendar = Calendar(asked, story.policy.zone, story.as_of)

    # Periods.

    @cached_property
    def begun(self) -> date | None:
        """The local day of the first movement of the unfiltered ledger (A46)."""
        days = [row.on for person in self.firm.people for one in person.posted for row in one.rows]
        return min(days) if days else None

    @cached_property
    def periods(self) -> list[Period]:
        """Every period from the first movement, or the first day asked for, to as_of (A46)."""
        first = self.asked.first or self.begun
        return [] if first is None else list(self.calendar.periods_from(first))

    # Groups.

    def attributes(self, person: Person, then: Mapping[str, str]) -> Mapping[str, str]:
        """The attributes that count: as they were, or as they are at as_of."""
        if self.asked.key("attributes", "as_was") == "current":
            return person.world.attributes(person.name, self.calendar.as_of - TICK)
        return then

    def group(self, traits: Mapping[str, str]) -> tuple[Group] | None:
        """The group, in a tuple of one, of what has such traits; None where the filters keep it out."""
        if any(traits.get(key) != value for key, value in self.asked.where):
            return None
        return (None if self.asked.by is None else traits.get(self.asked.by),)

    def lines(self, person: Person, side: Side) -> dict[Group, dict[str, Line]]:
        """The lines of one side that the filters let through, by group."""
        found: dict[Group, dict[str, Line]] = {}
        attributes = self.attributes(person, side.attributes)
        for item, line in side.lines.items():
            inside = self.group({**attributes, **traits_of(line.term.offer, line.subscription)})
            if inside is not None:
                found.setdefault(inside[0], {})[item] = line
        return found

    @cached_property
    def groups(self) -> list[Group]:
        """Every group in which anything ever counted; the one group of an ungrouped question is None."""
        if self.asked.by is None:
            return [None]
        found = {g for person in self.firm.people for look in person.looks for g in self.lines(person, look.side)}
        return sorted(found, key=lambda group: (group is None, group or ""))

    def before(self, group: Group, at: datetime) -> dict[str, dict[str, Line]]:
        """The lines of a group just before an instant, by customer."""
        found = {person.name: self.lines(person, person.before(at)).get(group, {}) for person in self.firm.people}
        return {name: lines for name, lines in found.items() if lines}

    # Flows.

    @cached_property
    def flows(self) -> dict[Group, list[Flow]]:
        """What every window did to every group."""
        found: dict[Group, list[Flow]] = {group: [] for group in self.groups}
        for person in self.firm.people:
            for posted in person.posted:
                for group, flow in self._flows(person, posted):
                    found[group].append(flow)
        return found

    def _flows(self, person: Person, posted: Posted) -> Iterable[tuple[Group, Flow]]:
        if self.asked.plain:
            yield None, _whole(person, posted)
            return
        left, right = posted.netted.left, posted.netted.right
        before, after = self.lines(person, left), self.lines(person, right)
        causes = Window(person.world.policy, left, right, posted.before).causes()
        for group in sorted(set(before) | set(after), key=str):
            was, now = before.get(group, {}), after.get(group, {})
            # Fx only where the item is inside on both sides (A41).
            fx = sum(causes.get(item, {}).get("fx", 0) for item in set(was) & set(now))
            yield group, _part(person, posted, worth(was.values()), worth(now.values()), fx)

    def shown(self, group: Group, stretch: Stretch) -> list[Flow]:
        """The flows of a group with a day in a stretch, without those of who only came and went, if they are hidden."""
        inside = [flow for flow in self.flows[group] if flow.on in stretch or flow.fx_on in stretch]
        if self.asked.key("same_period_join_leave", "show") == "show":
            return inside
        return [flow for flow in inside if not _passes(flow.person, stretch)]

    def classes(self, group: Group, stretch: Stretch) -> dict[str, int]:
        """The signed amounts of a group in a stretch by class, fx among them; 0 where there is none."""
        found = dict.fromkeys(CLASSES, 0)
        for flow in self.shown(group, stretch):
            if flow.cls in found and flow.on in stretch:
                found[str(flow.cls)] += flow.amount
            if flow.fx_on in stretch:
                found["fx"] += flow.fx
        return found

    def counted(self, group: Group, stretch: Stretch) -> dict[str, int]:
        """By how much the movements of each class change the number of customers."""
        found = dict.fromkeys(CLASSES, 0)
        for flow in self.shown(group, stretch):
            if flow.cls in found and flow.on in stretch:
                found[str(flow.cls)] += self._joins(flow)
        return found

    def _joins(self, flow: Flow) -> int:
        if self.asked.plain:
            return (flow.posted.after in IN) - (flow.posted.before in IN)
        return (flow.closing > 0) - (flow.opening > 0)

    def fx_of(self, group: Group, stretch: Stretch) -> dict[str, int]:
        """The fx of each customer in a stretch."""
        found: dict[str, int] = {}
        for flow in self.flows[group]:
            if flow.fx_on in stretch:
                found[flow.person.name] = found.get(flow.person.name, 0) + flow.fx
        return found

    def mrr_on(self, group: Group, day: date) -> dict[str, int]:
        """Each customer's MRR in a group by all movements of days before one; who has none is left out."""
        found: dict[str, int] = {}
        for flow in self.flows[group]:
            amount = (flow.amount if flow.on < day else 0) + (flow.fx if flow.fx_on < day else 0)
            found[flow.person.name] = found.get(flow.person.name, 0) + amount
        return {name: micros for name, micros in found.items() if micros}

    def customers_on(self, group: Group, day: date) -> int:
        """How many are customers after all movements of days before one."""
        return sum(self._joins(flow) for flow in self.flows[group] if flow.on < day)


def _passes(person: Person, stretch: Stretch) -> bool:
    """No customer before the first and none after the last of its movements in the stretch."""
    moved = [one for one in person.posted if any(row.on in stretch for row in one.rows)]
    return bool(moved) and moved[0].before not in IN and moved[-1].after not in IN


def _whole(person: Person, posted: Posted) -> Flow:
    """A window's effect on the whole customer: its rows as they stand."""
    first = local_day(posted.netted.looks[0].at, person.world.zone)
    row = next((row for row in posted.rows if row.cls != "fx"), None)
    fx = next((row for row in posted.rows if row.cls == "fx"), None)
    return Flow(
        person,
        posted,
        row.on if row else first,
        fx.on if fx else first,
        posted.cls,
        row.amount if row else 0,
        fx.amount if fx else 0,
        posted.netted.left.total,
        posted.netted.right.total,
    )


def _part(person: Person, posted: Posted, opening: int, closing: int, fx: int) -> Flow:
    """A window's effect on a part of a customer, classed as DESIGN §8 says under "Under a filter"."""
    whole = _whole(person, posted)
    amount = closing - opening - fx
    cls = _class_of_part(posted, opening, closing, amount)
    return Flow(person, posted, whole.on, whole.fx_on, cls, amount, fx, opening, closing)


def _class_of_part(posted: Posted, opening: int, closing: int, amount: int) -> str | None:
    if amount == 0:
        return None
    if posted.netted.left.total == 0 or posted.netted.right.total == 0:
        return posted.cls
    if opening == 0:
        return "entering"
    if closing == 0:
        return "leaving"
    return "expansion" if amount > 0 else "contraction"
