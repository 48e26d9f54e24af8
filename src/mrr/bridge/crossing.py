"""From one ledger to another: both ends computed whole, the steps between them only for the customers who differ."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import mrr.bridge.path as path
import mrr.bridge.touch as touch
from mrr import ledgers
from mrr.bridge.cells import Cells
from mrr.bridge.path import Component
from mrr.bridge.touch import Told
from mrr.ledgers import Ledger
from mrr.posting import Progress

LEFT, RIGHT = 0, 1


class Way(NamedTuple):
    """Which step is which: its component, and the entries that it brings where it is one of the journal's."""

    component: Component
    told: Told | None = None


class Crossing:
    """A bridge under construction. Steps are numbered in the order of the path."""

    def __init__(self, cells: Cells, left: Ledger, right: Ledger) -> None:
        self.cells, self.right = cells, right
        self.left = touch.aligned(cells.desk, left, right)
        self.components = path.components(self.left, right)
        self.customers: list[str] = []
        self.steps: list[Way] = []

    def cross(self, progress: Progress | None = None) -> None:
        """Derive what lies between the ends, and lay the steps. The desk is laid out."""
        book, only = self.cells.book, self.cells.asked.customers
        with (
            ledgers.opened(book, self.left, only, progress) as left,
            ledgers.opened(book, self.right, only, progress) as right,
        ):
            self.customers = self.cells.differing(left, right)
        if self.customers:
            self.cells.named(self.left, LEFT)
            self.cells.named(self.right, RIGHT)
            touch.prepare(self.cells.desk, self.customers)
            self._walk()
            self._apart()

    def _walk(self) -> None:
        before = self.left
        for number, component in enumerate(self.components, start=1):
            after = path.replaced(self.left, self.right, self.components[:number])
            if component.name == "journal":
                self._told(component, before, after)
            else:
                self._taken(component, before, after)
            before = after

    def _taken(self, component: Component, before: Ledger, after: Ledger) -> None:
        """A component as one step; where it is one of entries, these are the evidence."""
        step = self._step(Way(component))
        self.cells.hop(step, self._number(before), self._number(after))
        if component.keys:
            return
        desk = self.cells.desk
        (touch.edited if component.name == "edits" else touch.chosen)(desk, before, after)
        desk.execute(f"INSERT INTO evidence SELECT {step}, customer_id, seq FROM touch")

    def _told(self, component: Component, before: Ledger, after: Ledger) -> None:
        """The journal's part, entry by entry: each round is derived for those customers whose next entry it brings."""
        told = touch.entries(self.cells.desk, before, after)
        numbers = self._rounds(told, before)
        first, last = self._number(before), self._number(after)
        left = _entries_of(told)
        at = dict.fromkeys(left, first)
        hops, evidence = [], []
        for one in told:
            step = self._step(Way(component, one))
            for customer in one.customers:
                left[customer] -= 1
                reached = numbers[one.level] if left[customer] else last
                hops.append((step, customer, at[customer], reached))
                evidence += [(step, customer, seq) for seq in one.seqs]
                at[customer] = reached
        self.cells.desk.fill("hop", hops)
        self.cells.desk.fill("evidence", evidence)

    def _rounds(self, told: Sequence[Told], before: Ledger) -> dict[int, int]:
        """The number of the ledger after each round, derived for those to whom a later entry comes."""
        left = _entries_of(told)
        rounds: dict[int, list[Told]] = defaultdict(list)
        for one in told:
            rounds[one.level].append(one)
        numbers: dict[int, int] = {}
        for level, several in sorted(rounds.items()):
            touched = [customer for one in several for customer in one.customers]
            before = before._replace(also=before.also ^ {seq for one in several for seq in one.seqs})
            for customer in touched:
                left[customer] -= 1
            going_on = [customer for customer in touched if left[customer]]
            numbers[level] = self.cells.derived(before, going_on) if going_on else RIGHT
        return numbers

    def _apart(self) -> None:
        """What each component comes to first and last of all: steps 2n and 2n + 1 of the table `apart`."""
        for number, component in enumerate(self.components):
            others = [other for other in self.components if other != component]
            alone = self._number(path.replaced(self.left, self.right, [component]))
            without = self._number(path.replaced(self.left, self.right, others))
            for step, before, after in ((2 * number, LEFT, alone), (2 * number + 1, without, RIGHT)):
                self.cells.desk.execute(
                    f"INSERT INTO apart SELECT {step}, customer_id, {before}, {after} FROM differing"
                )

    def _number(self, ledger: Ledger) -> int:
        return self.cells.number(ledger, self.customers)

    def _step(self, way: Way) -> int:
        self.steps.append(way)
        return len(self.steps) - 1


def _entries_of(told: Sequence[Told]) -> dict[str, int]:
    """How many entries each customer has on the path."""
    counts: dict[str, int] = defaultdict(int)
    for one in told:
        for customer in one.customers:
            counts[customer] += 1
    return dict(counts)
