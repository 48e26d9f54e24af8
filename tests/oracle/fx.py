"""The rate of an item at an instant, by each value of fx.rate."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

from tests.oracle.clock import local_day, month_before, month_last_day
from tests.oracle.state import CustomerState, World
from tests.oracle.story import Offer

View = tuple[Offer, int, Fraction]


class MissingRate(LookupError):
    """A level has no rate: it would be pending, which the oracle does not tell about."""


class Rates:
    """Every item's rate at the instants of a story."""

    def __init__(self, world: World, instants: list[datetime], timelines: dict[str, list[CustomerState]]) -> None:
        """Walks all items once, to know when each was first counted and when it last changed."""
        self.world = world
        self.instants = instants
        self.first: dict[str, date] = {}
        self.last: dict[str, dict[datetime, date]] = {}
        if world.policy["fx.rate"] in ("effective_day", "locked_at_start"):
            self._walk(timelines)

    def _walk(self, timelines: dict[str, list[CustomerState]]) -> None:
        before: dict[str, View] = {}
        changed: dict[str, date] = {}
        for position, at in enumerate(self.instants):
            now = self._views(position, at, timelines)
            for item, view in now.items():
                # A change of offer, quantity, currency or discounted amount, or a return into the count (A29).
                if before.get(item) != view:
                    changed[item] = local_day(at, self.world.zone)
                self.first.setdefault(item, local_day(at, self.world.zone))
                self.last.setdefault(item, {})[at] = changed[item]
            before = now

    def _views(self, position: int, at: datetime, timelines: dict[str, list[CustomerState]]) -> dict[str, View]:
        """Every item in the count, also one that only a gap carries."""
        carried = [one for line in timelines.values() for one in line[position].subscriptions.values()]
        raw = [self.world.subscription(subscription, at) for subscription in self.world.names]
        views: dict[str, View] = {}
        for state in [*carried, *raw]:
            for item, level in (state.levels if state is not None else {}).items():
                assert state is not None
                term = state.stands.terms[item]
                views[item] = (term.offer, term.quantity, level)
        return views

    def rate(self, item: str, currency: str, at: datetime) -> Fraction:
        """The value of one unit of a currency in the reporting currency, for an item at an instant."""
        plain = currency == self.world.policy.currency or self.world.policy["fx.rate"] == "fixed"
        return self.on(currency, date.max if plain else self._rate_day(item, at))

    def on(self, currency: str, day: date) -> Fraction:
        """The latest rate of a currency on a day, or the fixed one."""
        policy = self.world.policy
        if currency == policy.currency:
            return Fraction(1)
        if policy["fx.rate"] == "fixed":
            if currency not in policy["fx.fixed"]:
                raise MissingRate(f"fx.fixed names no rate of {currency}")
            return Fraction(str(policy["fx.fixed"][currency]))
        return self._latest(currency, day)

    def _rate_day(self, item: str, at: datetime) -> date:
        rule = self.world.policy["fx.rate"]
        if rule == "locked_at_start":
            return self.first[item]  # For as long as the item id lives (A30).
        if rule == "effective_day":
            return self.last[item][at]
        day = local_day(at, self.world.zone)
        # Month M's rate takes force at the local midnight that begins M's last day (A26).
        return day if day == month_last_day(day) else month_before(day)

    def _latest(self, currency: str, day: date) -> Fraction:
        known = [value for on, value in self.world.story.rates.get(currency, []) if on <= day]
        if not known:
            raise MissingRate(f"no rate of {currency} on or before {day}")
        return known[-1]
