"""Who a metric is about: customers with every look at them, and the subscriptions of a company."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from tests.oracle.causes import Line, Side
from tests.oracle.ledger import Classifier, Posted
from tests.oracle.phase import Life
from tests.oracle.state import CustomerState, World
from tests.oracle.story import Offer, read_story
from tests.oracle.windows import Look, looks_of, windows_of

NOBODY = Side(CustomerState(), {}, {})
# Late enough for all that drawn stories have scheduled to have begun.
FAR = "2029-01-01T00:00:00Z"
KEYS_OF_ITEM = ("plan", "product", "price", "subscription", "currency", "interval")


def traits_of(offer: Offer, subscription: str) -> dict[str, str]:
    """What an item can be grouped and filtered by; every other key is an attribute of the customer.

    What a line of an invoice does not name is no group: its product or price is read as `None`.
    """
    of_offer = {"price": offer.price, "currency": offer.currency, "interval": str(offer.interval)}
    traits = {"plan": offer.product, "product": offer.product, "subscription": subscription, **of_offer}
    return {key: value for key, value in traits.items() if value != "None"}


def worth(lines: Iterable[Line]) -> int:
    """What lines are together worth a month, in micros."""
    return sum(line.micros for line in lines)


@dataclass(frozen=True)
class Person:
    """One customer: every look at it, and its windows with their classes."""

    name: str
    world: World
    looks: list[Look]
    posted: list[Posted]

    @cached_property
    def instants(self) -> list[datetime]:
        """The instants of the looks."""
        return [look.at for look in self.looks]

    def before(self, at: datetime) -> Side:
        """The customer just before an instant."""
        index = bisect_left(self.instants, at)
        return self.looks[index - 1].side if index else NOBODY

    def since(self, at: datetime) -> Side:
        """The customer from an instant on."""
        index = bisect_right(self.instants, at)
        return self.looks[index - 1].side if index else NOBODY


class Firm:
    """A company told in one story, or in several that share policy, rates and as_of but no customer."""

    def __init__(self, stories: Iterable[Mapping[str, Any]], recorded_early: bool = True) -> None:
        """`recorded_early`: whether the journal knew every fact before anything happened. Raises like `ledger`."""
        self.stories = [dict(story) for story in stories]
        self.recorded_early = recorded_early
        self.worlds = [World(read_story(story)) for story in self.stories]
        self.people = [person for world in self.worlds for person in people_of(world)]

    @cached_property
    def far(self) -> dict[str, Person]:
        """The customers once more, looked at long beyond as_of; without windows."""
        worlds = [World(read_story({**story, "as_of": FAR})) for story in self.stories]
        return {name: Person(name, world, looks, []) for world in worlds for name, looks in looks_of(world).items()}

    @property
    def as_of(self) -> datetime:
        """The horizon, exclusive."""
        return self.worlds[0].story.as_of

    @property
    def lives(self) -> list[tuple[World, str, Life]]:
        """Every subscription with its standing snapshots in order."""
        return [(world, name, life) for world in self.worlds for name, life in world.lives.items()]

    def owners(self, subscription: str) -> list[Person]:
        """Who ever had a line of a subscription or may have: the customers whom its snapshots name."""
        found = [(world, life) for world, name, life in self.lives if name == subscription]
        names = {world.owner(fact.customer) for world, life in found for fact in life.facts}
        return [person for person in self.people if person.name in names]


def of_subscription(lines: Mapping[str, Line], subscription: str) -> dict[str, Line]:
    """The lines of one subscription among some."""
    return {item: line for item, line in lines.items() if line.subscription == subscription}


def people_of(world: World) -> list[Person]:
    """Every customer who ever had a subscription and is not excluded."""
    found: list[Person] = []
    for name, looks in looks_of(world).items():
        classifier = Classifier(world, name)
        found.append(Person(name, world, looks, [classifier.post(one) for one in windows_of(world, name, looks)]))
    return found
