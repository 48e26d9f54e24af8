"""Each customer's netting windows: the sides before and after, and the day that a row carries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.oracle.causes import Causes, Line, Side
from tests.oracle.clock import local_day, midnight
from tests.oracle.fx import Rates
from tests.oracle.instants import all_instants
from tests.oracle.state import CustomerState, World


@dataclass(frozen=True)
class Look:
    """One customer at one instant."""

    at: datetime
    side: Side


@dataclass(frozen=True)
class Netted:
    """One netting window: the side it began with and every look within it, the last one being its end."""

    left: Side
    looks: list[Look]

    @property
    def right(self) -> Side:
        """The side at the window's end; states are taken there (A32)."""
        return self.looks[-1].side


def _lines(state: CustomerState, at: datetime, world: World, rates: Rates) -> dict[str, Line]:
    lines: dict[str, Line] = {}
    for subscription, one in state.subscriptions.items():
        for item, level in one.levels.items():
            term = one.stands.terms[item]
            rate = rates.rate(item, term.offer.currency, at)
            micros = world.policy.round_micros(level * rate, world.policy.currency)
            lines[item] = Line(item, subscription, term, level, rate, micros)
    return lines


def looks_of(world: World) -> dict[str, list[Look]]:
    """Every customer at every instant at which anything can change, before as_of."""
    instants = all_instants(world)
    timelines = {customer: world.timeline(customer, instants) for customer in world.customers()}
    rates = Rates(world, instants, timelines)
    found: dict[str, list[Look]] = {}
    for customer, states in timelines.items():
        found[customer] = [
            Look(at, Side(state, _lines(state, at, world, rates), world.attributes(customer, at)))
            for at, state in zip(instants, states, strict=True)
        ]
    return found


def _changes(world: World, left: Side, right: Side) -> bool:
    """A change of level, of what keeps a customer at 0, or of an attribute opens a window (A42)."""
    return _seen(world, left) != _seen(world, right)


def _seen(world: World, side: Side) -> tuple[object, ...]:
    """What a level is: its offer, its quantity, and its local and its reporting amount after rounding."""
    levels = {
        line.item: (line.subscription, line.term, world.policy.round_micros(line.level, line.currency), line.micros)
        for line in side.lines.values()
    }
    return levels, side.customer.holds_at_zero, side.attributes


def _window_end(world: World, at: datetime) -> datetime:
    """Where the window ends that a change at an instant opens (DESIGN §8)."""
    netting, day = world.policy["netting"], local_day(at, world.zone)
    tomorrow = midnight(day + timedelta(days=1), world.zone)
    if netting == "event":
        return at
    if netting == "day":
        return tomorrow
    if netting == "month":
        next_month = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        return midnight(next_month, world.zone)
    return min(at + timedelta(minutes=int(netting["minutes"])), tomorrow)


def windows_of(world: World, customer: str, looks: list[Look]) -> Iterator[Netted]:
    """A customer's windows in order; a window begins with a change and holds all looks up to its end."""
    left = Side(CustomerState(), {}, world.attributes(customer, None))
    current: list[Look] = []
    ends: datetime | None = None
    previous = left
    for look in looks:
        if current and ends is not None and look.at >= ends and look.at != current[0].at:
            yield Netted(left, current)
            left, current = previous, []
        if current or _changes(world, previous, look.side):
            if not current:
                left, ends = previous, _window_end(world, look.at)
            current.append(look)
        previous = look.side
    if current:
        yield Netted(left, current)


def fx_of(causes: Causes) -> Causes:
    """The fx part of a line."""
    return {cause: amount for cause, amount in causes.items() if cause == "fx"}


def without_fx(causes: Causes) -> Causes:
    """A line without its fx part, which is a movement of its own."""
    return {cause: amount for cause, amount in causes.items() if cause != "fx"}
