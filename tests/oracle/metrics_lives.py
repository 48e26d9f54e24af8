"""Metrics of subscriptions and their lives: begun, renewed, tried, signed up, committed; from snapshots and levels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from tests.oracle.clock import local_day
from tests.oracle.metrics_calendar import Period
from tests.oracle.metrics_frame import Frame, Group
from tests.oracle.metrics_money import Figure, Figures, Metric, each
from tests.oracle.metrics_people import Person, of_subscription, traits_of, worth
from tests.oracle.phase import TICK, Life
from tests.oracle.services import bills_for
from tests.oracle.state import World

# Something that happened: when, in which group, and what it adds above and below the line.
Event = tuple[datetime, Group, int, int]


def tallied(frame: Frame, events: Iterable[Event], least: int = 0) -> Figures:
    """The events of each period and group, added up; `least` is the denominator where nothing is below the line."""
    sums = {(period.starts_on, group): [0, least] for group in frame.groups for period in frame.periods}
    for at, group, above, below in events:
        for period in frame.periods:
            if period.starts_on <= local_day(at, frame.calendar.zone) and at < period.ends_at:
                cell = sums.setdefault((period.starts_on, group), [0, least])
                cell[0] += above
                cell[1] += below
                break
    return {key: Figure(above, below) for key, (above, below) in sums.items()}


def worth_of(people: Iterable[Person], subscription: str, at: datetime, before: bool = False) -> int:
    """What a subscription is worth from an instant on, or just before it, whoever has it."""
    sides = [person.before(at) if before else person.since(at) for person in people]
    return sum(worth(of_subscription(side.lines, subscription).values()) for side in sides)


def parts_of(
    frame: Frame, subscription: str, at: datetime, before: bool = False, owners: Iterable[Person] | None = None
) -> dict[Group, int]:
    """The same, by group, of what the filters let through; of those whom its snapshots name, or of given owners."""
    found: dict[Group, int] = {}
    for person in frame.firm.owners(subscription) if owners is None else owners:
        side = person.before(at) if before else person.since(at)
        for group, lines in frame.lines(person, side).items():
            mine = of_subscription(lines, subscription)
            if mine:
                found[group] = found.get(group, 0) + worth(mine.values())
    return found


def first_worth(people: list[Person], subscription: str, since: datetime) -> datetime | None:
    """The first instant, `since` or later, from which a subscription is worth something."""
    instants = sorted({since, *(at for person in people for at in person.instants if at > since)})
    return next((at for at in instants if worth_of(people, subscription, at) > 0), None)


def acv(frame: Frame) -> Figures:
    """Twelve times what began, by what began."""
    events: list[Event] = []
    for _, subscription, life in frame.firm.lives:
        begun = first_worth(frame.firm.owners(subscription), subscription, life.facts[0].at)
        if begun is not None:
            parts = parts_of(frame, subscription, begun).items()
            events += [(begun, group, 12 * micros, 1) for group, micros in parts if micros]
    return tallied(frame, events)


def renewal_rate(frame: Frame) -> Figures:
    """What went on, of what was due at the end of a told period."""
    events: list[Event] = []
    for _, subscription, life in frame.firm.lives:
        owners = frame.firm.owners(subscription)
        for at in _due(life):
            went_on = worth_of(owners, subscription, at) > 0
            parts = parts_of(frame, subscription, at, before=True).items()
            events += [(at, group, int(went_on), 1) for group, micros in parts if micros]
    return tallied(frame, events)


def _due(life: Life) -> set[datetime]:
    """The period ends that the snapshot in force just before them tells."""
    found: set[datetime] = set()
    for index, fact in enumerate(life.facts):
        if fact.period is not None and fact.period[1] > fact.at:
            at = fact.period[1]
            last = max(i for i, other in enumerate(life.facts) if other.at < at)
            found |= {at} if last == index else set()
    return found


def subscribers(frame: Frame, group: Group, period: Period) -> Figure:
    """Subscriptions that are worth something at the end."""
    by_name: dict[str, int] = {}
    for lines in frame.before(group, period.ends_at).values():
        for line in lines.values():
            by_name[line.subscription] = by_name.get(line.subscription, 0) + line.micros
    return Figure(sum(micros > 0 for micros in by_name.values()))


# Trials.


def trial_to_paid(frame: Frame) -> Figures:
    """Of the trials that ended, those that became worth money."""
    events: list[Event] = []
    for world, subscription, life in frame.firm.lives:
        told = [index for index, fact in enumerate(life.facts) if fact.trial_ends_at is not None]
        if not told:
            continue
        ended = _trial_ended(life, told[-1])
        owners = frame.firm.owners(subscription)
        paid = first_worth(owners, subscription, ended)
        counts = paid is not None and paid < frame.calendar.as_of
        for group in _groups_of_trial(frame, world, life, told[-1], ended):
            events.append((ended, group, int(counts), 1))
    return tallied(frame, events)


def _trial_ended(life: Life, index: int) -> datetime:
    fact, later = life.facts[index], life.next(index)
    assert fact.trial_ends_at is not None
    ends = [fact.trial_ends_at] + ([later.at] if later is not None else []) + ([fact.at] if fact.ended else [])
    return min(ends)


def _groups_of_trial(frame: Frame, world: World, life: Life, index: int, ended: datetime) -> set[Group]:
    """The groups of the items that the snapshot lists itself; none where the customer is excluded."""
    fact = life.facts[index]
    customer = world.owner(fact.customer)
    if world.excluded(customer):
        return set()
    attributes = attributes_at(frame, world, customer, ended - TICK)
    listed = {str(item["item"]) for item in fact.written["items"]}
    items = [item for item in fact.items if item.item_id in listed]
    inside = [frame.group({**attributes, **traits_of(item.offer, fact.subscription)}) for item in items]
    return {one[0] for one in inside if one is not None}


def attributes_at(frame: Frame, world: World, customer: str, at: datetime) -> Mapping[str, str]:
    """The attributes that count of a customer at an instant; nothing from as_of on counts."""
    last = frame.calendar.as_of - TICK
    current = frame.asked.key("attributes", "as_was") == "current"
    return world.attributes(customer, last if current else min(at, last))


# Sign-ups.


def sign_ups(frame: Frame) -> Figures:
    """Customers first heard of."""
    events: list[Event] = []
    for world in frame.firm.worlds:
        for customer, at in _first_heard(world).items():
            group = frame.group(attributes_at(frame, world, customer, at))
            if not world.excluded(customer) and group is not None:
                events.append((at, group[0], 1, 0))
    return tallied(frame, events, least=1)


def _first_heard(world: World) -> dict[str, datetime]:
    """When each customer is first named by a dated fact."""
    heard = [(world.owner(fact.customer), fact.at) for life in world.lives.values() for fact in life.facts]
    heard += [(world.owner(one.customer), one.at) for one in world.story.attributes if one.at is not None]
    found: dict[str, datetime] = {}
    for customer, at in heard:
        found[customer] = min(at, found.get(customer, at))
    return found


# Committed.


def committed(frame: Frame) -> Figures:
    """What counts and is not scheduled to end, and what is known to begin."""
    found: Figures = {}
    for period in frame.periods:
        sums: dict[Group, int] = dict.fromkeys(frame.groups, 0)
        for world, subscription, life in _contracts(frame):
            for group, micros in _committed(frame, world, subscription, life, period.ends_at).items():
                sums[group] = sums.get(group, 0) + micros
        found |= {(period.starts_on, group): Figure(micros) for group, micros in sums.items()}
    return found


def _contracts(frame: Frame) -> list[tuple[World, str, Life | None]]:
    """Every subscription with its life; on basis invoice also those of which only bills tell."""
    worlds = frame.firm.worlds
    billed = [(world, name, None) for world in worlds for name in world.billing.names() if name not in world.lives]
    return [*frame.firm.lives, *billed]


def _committed(frame: Frame, world: World, subscription: str, life: Life | None, at: datetime) -> dict[Group, int]:
    if life is not None:
        before = [index for index, fact in enumerate(life.facts) if fact.at < at]
        if _ends_or_tries(life, before[-1] if before else 0, at):
            return {}
    billed = {world.owner(one.customer) for one in world.billing.books.services if one.subscription == subscription}
    owners = [*frame.firm.owners(subscription)]
    owners += [person for person in frame.firm.people if person.name in billed and person not in owners]
    if worth_of(owners, subscription, at, before=True) > 0:
        return parts_of(frame, subscription, at, before=True, owners=owners)
    far = [frame.firm.far[person.name] for person in owners]
    begins = first_worth(far, subscription, at)
    if begins is None or not _known(frame, world, subscription, life, begins, at):
        return {}
    return _foreseen(frame, far, subscription, begins)


def _known(frame: Frame, world: World, subscription: str, life: Life | None, begins: datetime, at: datetime) -> bool:
    """Whether what begins was told by an instant: by its snapshot, or on basis invoice by a bill for when it begins."""
    if world.policy["basis"] == "invoice":
        named = {name: one.facts[0].customer for name, one in world.lives.items()}
        bills = bills_for(world.billing.papers, named, subscription, begins)
        return any(frame.firm.recorded_early or final_at < at for final_at in bills)
    assert life is not None
    index = life.governing(begins)
    assert index is not None
    return frame.firm.recorded_early or life.facts[index].at < at


def _foreseen(frame: Frame, far: list[Person], subscription: str, begins: datetime) -> dict[Group, int]:
    """The first level of a subscription, by group; who its customer will have become is not known yet."""
    found: dict[Group, int] = {}
    for person in far:
        attributes = attributes_at(frame, person.world, person.name, begins)
        for line in of_subscription(person.since(begins).lines, subscription).values():
            group = frame.group({**attributes, **traits_of(line.term.offer, subscription)})
            if group is not None:
                found[group[0]] = found.get(group[0], 0) + line.micros
    return found


def _ends_or_tries(life: Life, index: int, at: datetime) -> bool:
    """Whether a snapshot says at an instant that it is over or will be, or is on trial, be it paused out of one."""
    fact = life.facts[index]
    if fact.ended or fact.cancel_at is not None or (fact.cancel_at_period_end and fact.period is not None):
        return True
    while index > 0 and life.facts[index].paused and life.facts[index].status != "trialing":
        index -= 1
    over = fact.trial_ends_at is not None and fact.trial_ends_at < at
    return life.facts[index].status == "trialing" and not over


METRICS: dict[str, Metric] = {
    "acv": acv,
    "mrr.committed": committed,
    "renewal_rate": renewal_rate,
    "sign_ups": sign_ups,
    "subscribers": each(subscribers),
    "trial_to_paid": trial_to_paid,
}
