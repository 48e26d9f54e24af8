"""The lines of one window and their causes: status causes, and the steps offer, quantity, discount, fx."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tests.oracle.bill import Bill, Term, monthly
from tests.oracle.policy import Policy
from tests.oracle.state import CustomerState, SubscriptionState
from tests.oracle.story import Offer

Causes = dict[str, int]
ENTERING = {"trialing": "trial_conversion", "paused": "resume", "past_due": "recovery", "unpaid": "recovery"}
LEAVING = {"paused": "pause", "past_due": "past_due", "unpaid": "unpaid", "trialing": "trial"}


@dataclass(frozen=True)
class Line:
    """One counted item on one side of a window: its exact monthly level, its rate and its rounded value."""

    item: str
    subscription: str
    term: Term
    level: Fraction
    rate: Fraction
    micros: int

    @property
    def currency(self) -> str:
        """The currency of the level."""
        return self.term.offer.currency


@dataclass(frozen=True)
class Side:
    """One customer on one side of a window: the subscriptions and the lines that count."""

    customer: CustomerState
    lines: dict[str, Line]
    attributes: dict[str, str]

    @property
    def total(self) -> int:
        """The customer's MRR in micros."""
        return sum(line.micros for line in self.lines.values())


def offer_cause(old: Offer, new: Offer) -> str:
    """The name of an offer step (DESIGN §8)."""
    if old.product != new.product:
        return "plan"
    if (old.interval, old.interval_count) != (new.interval, new.interval_count):
        return "interval"
    return "price"


class Window:
    """What changed for one customer between two sides."""

    def __init__(self, policy: Policy, left: Side, right: Side, state: str) -> None:
        """Takes both sides and the customer's state before (never, active, held, lapsed)."""
        self.policy = policy
        self.left = left
        self.right = right
        self.state = state

    def causes(self) -> dict[str, Causes]:
        """Every line with its causes, fx among them; lines of items that stood still are left out."""
        both = set(self.left.lines) & set(self.right.lines)
        found = {item: self._steps(item) for item in sorted(both)}
        found |= self._status_causes()
        return {item: causes for item, causes in sorted(found.items()) if causes}

    # Lines that enter or leave (A35, A36, A37).

    def _status_causes(self) -> dict[str, Causes]:
        entering = {item: self._enters(item) for item in set(self.right.lines) - set(self.left.lines)}
        leaving = {item: self._leaves(item) for item in set(self.left.lines) - set(self.right.lines)}
        anew = {item for item, cause in entering.items() if cause in ("new", "add_on")}
        for_good = {item for item, cause in leaving.items() if cause in ("removal", "cancellation", "replacement")}
        if self.state == "active" and anew and for_good:
            entering |= dict.fromkeys(anew, "replacement")
            leaving |= dict.fromkeys(for_good, "replacement")
        added = {item: {cause: self.right.lines[item].micros} for item, cause in entering.items()}
        return added | {item: {cause: -self.left.lines[item].micros} for item, cause in leaving.items()}

    def _enters(self, item: str) -> str:
        was = self.left.customer.subscriptions.get(self.right.lines[item].subscription)
        if was is not None and item in was.bill.terms:
            if was.phase == "requested":
                return "reactivation"  # Un-cancelling under request is a return (A14).
            if was.phase in ENTERING and not was.counts:
                return ENTERING[was.phase]
        # By the customer's state before, whatever the class (A36).
        return {"never": "new", "lapsed": "reactivation"}.get(self.state, "add_on")

    def _leaves(self, item: str) -> str:
        now = self.right.customer.subscriptions.get(self.left.lines[item].subscription)
        if now is None:
            return "removal"
        if item in now.gone:
            return now.gone[item]
        if now.phase == "unknown":
            return "removal" if self.right.total > 0 or self.right.customer.holds_at_zero else "cancellation"
        if item in now.cut:
            return "replacement"  # A level cut by continues leaves as replacement in any case (A37).
        if now.phase in ("ended", "requested"):
            return "cancellation"
        return LEAVING.get(now.phase, "removal") if item in now.bill.terms and not now.counts else "removal"

    # Lines that stay (A15, A16, A28, A38).

    def _steps(self, item: str) -> Causes:
        old, new = self.left.lines[item], self.right.lines[item]
        offered, counted = old.term.offer != new.term.offer, old.term.quantity != new.term.quantity
        after_offer, after_quantity = self._between(item)
        base, rate = self._base(old, new)
        values = [base, self._value(new, after_offer, rate), self._value(new, after_quantity, rate)]
        causes: Causes = {}
        if offered:
            causes[offer_cause(old.term.offer, new.term.offer)] = values[1] - values[0]
        if counted:
            causes["quantity"] = values[2] - values[1]
        # What changes the level while the item's own offer and quantity stand still is its discount (A16).
        end = self._value(new, new.level, rate)
        fx = (new.micros - old.micros) - (end - base)
        discount = end - base - sum(causes.values())
        return causes | {name: amount for name, amount in (("discount", discount), ("fx", fx)) if amount}

    def _base(self, old: Line, new: Line) -> tuple[int, Fraction]:
        """The old level as the steps see it, and the one rate of all steps."""
        if old.currency != new.currency:
            return old.micros, new.rate  # A currency switch is part of the offer step and has no fx part (A15).
        # Increases book at the new rate, decreases at the old; the net change decides for all steps (A28).
        rate = new.rate if new.level >= old.level else old.rate
        return self._value(new, old.level, rate), rate

    def _value(self, line: Line, level: Fraction, rate: Fraction) -> int:
        return self.policy.round_micros(level * rate, self.policy.currency)

    def _between(self, item: str) -> tuple[Fraction, Fraction]:
        """The item's level after the offer step and after the quantity step, all items stepping together (A16)."""
        old, new = self._state(self.left, item).stands, self._state(self.right, item).stands
        moved = {
            i: Term(term.offer, old.terms[i].quantity if i in old.terms else term.quantity)
            for i, term in new.terms.items()
        }
        entered = frozenset(set(self._state(self.right, item).bill.terms) - set(old.terms))
        discounts = tuple((discount, covered | entered) for discount, covered in old.discounts)
        after_offer = monthly(Bill(moved, discounts), self.policy)[item]
        return after_offer, monthly(Bill(new.terms, discounts), self.policy)[item]

    def _state(self, side: Side, item: str) -> SubscriptionState:
        return side.customer.subscriptions[side.lines[item].subscription]
