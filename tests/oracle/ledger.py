"""The ledger of a story: customer states, classes and movements, naively from before and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.oracle.causes import Causes, Side, Window
from tests.oracle.clock import local_day
from tests.oracle.state import World
from tests.oracle.story import read_story
from tests.oracle.windows import Netted, fx_of, looks_of, windows_of, without_fx


@dataclass(frozen=True)
class Movement:
    """One row of the ledger; amounts in micros of the reporting currency, signed (A31)."""

    on: date
    customer: str
    cls: str
    amount: int
    after: int
    lines: dict[str, Causes]


@dataclass(frozen=True)
class Ledger:
    """The movements in the order of SCENARIOS.md, and the ending MRR at as_of in micros."""

    movements: list[Movement]
    closing: int


@dataclass(frozen=True)
class Posted:
    """One window after classification: its sides, the customer's states around it, and its rows."""

    customer: str
    netted: Netted
    before: str
    after: str
    cls: str | None
    rows: list[Movement]


class Classifier:
    """Walks the windows of one customer; a customer state changes at window ends alone (A32)."""

    def __init__(self, world: World, customer: str) -> None:
        """Starts with a customer who never was one."""
        self.world = world
        self.policy = world.policy
        self.customer = customer
        self.state = "never"
        self.churned_on: date | None = None

    def post(self, netted: Netted) -> Posted:
        """The rows of one window."""
        before, after = self.state, self._state_after(netted.right)
        lines = Window(self.policy, netted.left, netted.right, before).causes()
        moved = {item: without_fx(causes) for item, causes in lines.items() if without_fx(causes)}
        valued = {item: fx_of(causes) for item, causes in lines.items() if fx_of(causes)}
        rows: list[Movement] = []
        on = self._first_day(netted, fx=False)
        cls = self._class(before, after, on, moved)
        running = netted.left.total
        if cls is not None:
            rows.append(self._row(on, cls, running, moved))
            running = rows[-1].after
        if valued:
            # Within a window the movement stands before fx (A34).
            rows.append(self._row(self._first_day(netted, fx=True), "fx", running, valued))
        if cls is not None and after == "lapsed":
            self.churned_on = on
        self.state = after
        return Posted(self.customer, netted, before, after, cls, rows)

    def _row(self, on: date, cls: str, running: int, lines: dict[str, Causes]) -> Movement:
        amount = sum(sum(causes.values()) for causes in lines.values())
        return Movement(on, self.customer, cls, amount, running + amount, lines)

    def _first_day(self, netted: Netted, fx: bool) -> date:
        """The local day of the first change of its kind in a window (A33)."""
        kind = fx_of if fx else without_fx
        for look in netted.looks:
            lines = Window(self.policy, netted.left, look.side, self.state).causes()
            turned = not fx and self._state_after(look.side) != self.state
            if turned or any(kind(causes) for causes in lines.values()):
                return local_day(look.at, self.world.zone)
        return local_day(netted.looks[0].at, self.world.zone)

    def _state_after(self, side: Side) -> str:
        if side.total > 0:
            return "active"
        if self.state in ("never", "lapsed"):
            return self.state  # Never and lapsed are never held (A39).
        return "held" if side.customer.holds_at_zero else "lapsed"

    def _class(self, before: str, after: str, on: date, moved: dict[str, Causes]) -> str | None:
        """The class of a window's movement; None where it has none (DESIGN §8, A38, A39)."""
        amount = sum(sum(causes.values()) for causes in moved.values())
        if after == "lapsed":
            return "churn" if before in ("active", "held") else None
        if before == "lapsed":
            return self._return(on)
        if before == "never":
            return "new" if after == "active" else None
        if before == "active" and after == "active":
            if amount == 0:
                return "none" if moved else None
            return "expansion" if amount > 0 else "contraction"
        if before == after:
            return None
        return "contraction" if after == "held" else "expansion"

    def _return(self, on: date) -> str:
        """The class of a return, by the local days since the churn (A13, A40)."""
        rule = self.policy["reactivation"]
        assert self.churned_on is not None
        days = (on - self.churned_on).days
        if isinstance(rule, dict) and "at_least" in rule:
            return "reactivation" if days >= int(rule["at_least"]) else "expansion"
        if isinstance(rule, dict):
            return "reactivation" if days <= int(rule["at_most"]) else "new"
        return {"any_gap": "reactivation", "as_expansion": "expansion", "net_churn": "churn"}[str(rule)]


def posted_windows(world: World) -> list[Posted]:
    """Every customer's windows, classified, by customer and then time."""
    found: list[Posted] = []
    for customer, looks in looks_of(world).items():
        classifier = Classifier(world, customer)
        found += [classifier.post(netted) for netted in windows_of(world, customer, looks)]
    return found


def closing_of(posted: list[Posted]) -> int:
    """The ending MRR: what each customer's last window ended with."""
    last = {one.customer: one.netted.right.total for one in posted}
    return sum(last.values())


def ledger(story: dict[str, Any]) -> Ledger:
    """The ledger that a story (the mapping of a scenario file) implies.

    Raises MissingRate where a level would be pending, and ValueError on what is out of the oracle's scope.
    """
    posted = posted_windows(World(read_story(story)))
    movements = [movement for one in posted for movement in one.rows]
    # Sorted by local day, then customer, then time; the sort is stable, so time is kept.
    return Ledger(sorted(movements, key=lambda m: (m.on, m.customer)), closing_of(posted))
