"""Every instant at which anything in a story can change: the oracle looks at all of them, and at nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.oracle.clock import local_day, midnight, month_last_day, period_end
from tests.oracle.phase import Life
from tests.oracle.state import World
from tests.oracle.story import Item, Snapshot


def _written(fact: Snapshot) -> set[datetime]:
    """The dates that a fact states itself."""
    dates = {fact.at, fact.trial_ends_at, fact.resumes_at, fact.cancel_at, fact.canceled_at, fact.ended_at}
    dates |= {date for discount in fact.discounts for date in (discount.starts_at, discount.ends_at)}
    dates |= set(fact.period or ())
    return {date for date in dates if date is not None}


def _period_ends(fact: Snapshot, item: Item, dates: set[datetime]) -> set[datetime]:
    """The billing period ends on which something that happens at one of the dates can take effect."""
    period = item.period or fact.period
    if period is None or item.offer.interval is None:
        return set()
    interval, count = item.offer.interval, item.offer.interval_count
    return {period_end(period, interval, count, at, strictly) for at in dates for strictly in (False, True)}


def of_life(life: Life) -> set[datetime]:
    """Every instant at which a subscription by itself can change."""
    dates = {date for fact in life.facts for date in _written(fact)}
    ends = {end for fact in life.facts for item in fact.items for end in _period_ends(fact, item, dates)}
    grace = {life.grace_ends_at(index) for index in range(len(life.facts))}
    return dates | ends | {at for at in grace if at is not None}


def all_instants(world: World) -> list[datetime]:
    """The sorted instants before as_of."""
    found: set[datetime] = set()
    for life in world.lives.values():
        found |= of_life(life)
    found |= {at for _, _, at in world.story.continues} | world.billing.instants()
    found |= {a.at for a in world.story.attributes if a.at is not None}
    if not found:
        return []
    found |= _month_ends(world, min(found)) | _month_starts(world)
    for key in ("renewal.grace", "gap"):
        days = timedelta(days=int(world.policy[key]))
        found |= {midnight(local_day(at, world.zone) + days, world.zone) for at in found}
    return sorted(at for at in found if at < world.story.as_of)


def _month_starts(world: World) -> set[datetime]:
    """The local midnights at which another month's usage counts."""
    found: set[datetime] = set()
    day = min((local_day(use.at, world.zone) for use in world.billing.meter.uses), default=None)
    while day is not None and midnight(day, world.zone) < world.story.as_of:
        day = month_last_day(day) + timedelta(days=1)
        found.add(midnight(day, world.zone))
    return found


def _month_ends(world: World, first: datetime) -> set[datetime]:
    """The local midnights at which a month's rate takes force (A26)."""
    found: set[datetime] = set()
    day = month_last_day(local_day(first, world.zone))
    while midnight(day, world.zone) < world.story.as_of:
        found.add(midnight(day, world.zone))
        day = month_last_day(day + timedelta(days=1))
    return found
