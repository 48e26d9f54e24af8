"""From one ledger to another: both ends computed whole, the steps between them only for the customers who differ."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import mrr.bridge.path as path
import mrr.bridge.sealed as sealed
import mrr.bridge.touch as touch
from mrr.bridge.cells import Cells
from mrr.bridge.path import Component
from mrr.bridge.sealed import Seal
from mrr.bridge.touch import Told
from mrr.derivation import ledgers
from mrr.derivation.engine import engine
from mrr.derivation.ledgers import Ledger
from mrr.derivation.posting import Progress
from mrr.warehouse import Warehouse

LEFT, RIGHT = 0, 1


class Way(NamedTuple):
    """Which step is which: its component, and the entry that it brings where it is one of the journal's or an edit."""

    component: Component
    told: Told | None = None


class End(NamedTuple):
    """An end of a bridge: how it was asked for, the ledger that is meant, and its seal where it is a closed month."""

    words: str
    ledger: Ledger
    seal: Seal | None = None


class Crossing:
    """A bridge under construction. Steps are numbered in the order of the path.

    Only the engine of today can be run, so a seal is an end alone: the engine's step is the first or the last one.
    """

    def __init__(self, cells: Cells, left: End, right: End) -> None:
        self.cells, self.ends, self.right = cells, (left, right), right.ledger
        self.left = touch.aligned(cells.desk, left.ledger, right.ledger)
        self.between = path.components(self.left, self.right)
        # Of each end the number by which today's engine has it.
        self.derived = [LEFT, RIGHT]
        self.seals: dict[Component, int] = {}
        self.customers: list[str] = []
        self.steps: list[Way] = []

    @property
    def components(self) -> list[Component]:
        """All components in the order of the path."""
        first, last = ([one for one, of in self.seals.items() if of == side] for side in (LEFT, RIGHT))
        return [*first, *self.between, *last]

    def cross(self, progress: Progress | None = None) -> None:
        """Derive what lies between the ends, and lay the steps. The desk is laid out."""
        book, only = self.cells.book, self.cells.asked.customers
        with (
            # As they were asked for: a ledger that is a prefix is told from the book's own.
            ledgers.opened(book, self.ends[LEFT].ledger, only, progress) as left,
            ledgers.opened(book, self.ends[RIGHT].ledger, only, progress) as right,
        ):
            self._unseal(LEFT, left)
            self._unseal(RIGHT, right)
            self.customers = self.cells.differing(left, right)
        if self.customers:
            for side in self.seals.values():
                self.derived[side] = self.cells.unsealed(side)
            self.cells.named(self.left, self.derived[LEFT])
            self.cells.named(self.right, self.derived[RIGHT])
            touch.prepare(self.cells.desk, self.customers, self.right.policy["currency"])
            self._walk()
            self._apart()

    def _unseal(self, side: int, whole: Warehouse) -> None:
        """Hold a seal against what today's engine makes of the same, where the bridge shows its month."""
        (_, ledger, seal), asked = self.ends[side], self.cells.asked
        if seal is None or seal.month >= asked.until or seal.ends_at > asked.as_of:
            return
        apart = list(sealed.apart(seal, whole, ledger.policy, asked.customers))
        if apart:
            self.cells.sealed(side, seal, apart)
        if apart or seal.engine != engine():
            self.seals[Component("engine", month=seal.month)] = side

    def _walk(self) -> None:
        before = self.left
        for component in self.components:
            if component in self.seals:
                self._engine(component)
                continue
            after = path.replaced(before, self.right, [component])
            if component.name in ("edits", "journal"):
                self._told(component, before, after)
            else:
                self._taken(component, before, after)
            before = after

    def _engine(self, component: Component) -> None:
        """From what was sealed to what today's engine makes of it, or back; the evidence is the seal."""
        side = self.seals[component]
        step, seal = self._step(Way(component)), self.ends[side].seal
        assert seal is not None
        self.cells.hop(step, *self._unsealing(side))
        self.cells.desk.execute(f"INSERT INTO evidence SELECT {step}, customer_id, {seal.seq} FROM differing")

    def _unsealing(self, side: int) -> tuple[int, int]:
        """The numbers of a sealed end, as it was sealed and by today's engine, in the order of the path."""
        return (LEFT, self.derived[LEFT]) if side == LEFT else (self.derived[RIGHT], RIGHT)

    def _taken(self, component: Component, before: Ledger, after: Ledger) -> None:
        """A component as one step; of sources the entries are the evidence."""
        step = self._step(Way(component))
        self.cells.hop(step, self._number(before), self._number(after))
        if component.name == "sources":
            touch.chosen(self.cells.desk, before, after)
            self.cells.desk.execute(f"INSERT INTO evidence SELECT {step}, customer_id, seq FROM touch")

    def _told(self, component: Component, before: Ledger, after: Ledger) -> None:
        """Edits, or the journal's part, one by one: a round is derived for the customers whose next one it brings."""
        told = (touch.edited if component.name == "edits" else touch.entries)(self.cells.desk, before, after)
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
            for step, (before, after) in enumerate(self._alone(component), start=2 * number):
                self.cells.desk.execute(
                    f"INSERT INTO apart SELECT {step}, customer_id, {before}, {after} FROM differing"
                )

    def _alone(self, component: Component) -> tuple[tuple[int, int], tuple[int, int]]:
        """Between which ledgers a component leads, replaced first and replaced last. An engine has one place."""
        if component in self.seals:
            return (self._unsealing(self.seals[component]),) * 2
        others = [other for other in self.between if other != component]
        alone = self._number(path.replaced(self.left, self.right, [component]))
        without = self._number(path.replaced(self.left, self.right, others))
        return (self.derived[LEFT], alone), (without, self.derived[RIGHT])

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
