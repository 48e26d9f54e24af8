"""The roll-forward of a story by month or quarter, in total or under a filter (DESIGN §8, A41, A46)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.oracle.causes import Line, Side, Window
from tests.oracle.clock import local_day
from tests.oracle.ledger import Posted, posted_windows
from tests.oracle.phase import TICK
from tests.oracle.state import World
from tests.oracle.story import plain, read_story

OF_ITEM = frozenset({"product", "price", "currency", "subscription"})
Rows = dict[str, dict[str, int]]


def _label(day: date, period: str) -> str:
    if period == "month":
        return f"{day.year:04}-{day.month:02}"
    if period == "quarter":
        return f"{day.year:04}-Q{(day.month + 2) // 3}"
    raise ValueError(f"period {period!r}: the oracle knows month and quarter")


def _labels(first: date, last: date, period: str) -> list[str]:
    """Every period from one day to another, in order."""
    labels: list[str] = []
    while first <= last:
        if _label(first, period) not in labels:
            labels.append(_label(first, period))
        first += timedelta(days=1)
    return labels


@dataclass(frozen=True)
class Filter:
    """The wanted value of each key: product, price, currency or subscription of the item, else an attribute."""

    wanted: dict[str, str]

    def inside(self, side: Side) -> dict[str, Line]:
        """The lines of one side that the filter lets through; attributes are as they were (DESIGN §8)."""
        for key, value in self.wanted.items():
            if key not in OF_ITEM and side.attributes.get(key) != value:
                return {}
        return {item: line for item, line in side.lines.items() if self._fits(line)}

    def _fits(self, line: Line) -> bool:
        offer = line.term.offer
        of = {
            "product": offer.product,
            "price": offer.price,
            "currency": offer.currency,
            "subscription": line.subscription,
        }
        return all(of[key] == value for key, value in self.wanted.items() if key in OF_ITEM)


def _filtered(world: World, posted: Posted, chosen: Filter) -> tuple[str | None, int, int]:
    """Class and amount of a window's movement under a filter, and its fx."""
    netted = posted.netted
    before, after = chosen.inside(netted.left), chosen.inside(netted.right)
    causes = Window(world.policy, netted.left, netted.right, posted.before).causes()
    # Fx only where the item is inside on both sides (A41).
    fx = sum(causes.get(item, {}).get("fx", 0) for item in set(before) & set(after))
    opening = sum(line.micros for line in before.values())
    closing = sum(line.micros for line in after.values())
    amount = closing - opening - fx
    return _filtered_class(posted, opening, closing, amount), amount, fx


def _filtered_class(posted: Posted, opening: int, closing: int, amount: int) -> str | None:
    """The class of a row under a filter (DESIGN §8, "Under a filter")."""
    left, right = posted.netted.left.total, posted.netted.right.total
    if amount == 0:
        return None
    if left == 0 or right == 0:
        return posted.cls  # The total starts or ends at 0: the row takes the total's class.
    if opening == 0:
        return "entering"
    if closing == 0:
        return "leaving"
    return "expansion" if amount > 0 else "contraction"


def _amounts(world: World, posted: list[Posted], chosen: Filter) -> list[tuple[date, str, int]]:
    """Day, class and amount of everything that moves under a filter."""
    found: list[tuple[date, str, int]] = []
    for one in posted:
        day = local_day(one.netted.looks[0].at, world.zone)
        if not chosen.wanted:
            found += [(row.on, row.cls, row.amount) for row in one.rows]
            continue
        cls, amount, fx = _filtered(world, one, chosen)
        if cls is None and amount:
            raise AssertionError(f"{one.customer} on {day}: {amount} under the filter, but the total has no movement")
        found += [(day, str(cls), amount), (day, "fx", fx)]
    return found


def rollforward(story: dict[str, Any], period: str, filter: dict[str, Any]) -> Rows:  # noqa: A002
    """Rows as in a scenario's `rollforward`: by period opening, signed amounts by class that are not 0, closing.

    `period` is month or quarter. Shown is every period from the first movement of the unfiltered ledger to as_of
    (A46). Raises like `ledger`.
    """
    world = World(read_story(story))
    posted = posted_windows(world)
    days = [row.on for one in posted for row in one.rows]
    if not days:
        return {}
    chosen = Filter({str(key): plain(value) for key, value in filter.items()})
    amounts = _amounts(world, posted, chosen)
    running = 0
    rows: Rows = {}
    for label in _labels(min(days), local_day(world.story.as_of - TICK, world.zone), period):
        row = {"opening": running}
        for day, cls, amount in amounts:
            if _label(day, period) == label and amount:
                row[cls] = row.get(cls, 0) + amount
        running += sum(amount for cls, amount in row.items() if cls != "opening")
        rows[label] = {key: amount for key, amount in row.items() if amount or key == "opening"} | {"closing": running}
    return rows
