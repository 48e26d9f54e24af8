"""One customer's life: an agenda of happenings in time order, the events they send, the notes for the truth."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from mrr.simulate.catalogue import Catalogue
from mrr.simulate.clock import DAY, apart
from mrr.simulate.codes import Codes
from mrr.simulate.exact import Line, Terms, monthly
from mrr.simulate.shapes import Shape, difference, envelope
from mrr.simulate.state import Body, Customer, Discount, Face, Subscription

if TYPE_CHECKING:
    from mrr.simulate.till import Till

Chosen = TypeVar("Chosen")
# Two happenings of one subscription keep this distance in time of day, so that no event overtakes another's boundary.
CLEARANCE = 300
# An event comes at most this long after what it tells.
LATEST = 90
_EVENT_CODES = 6_000_000
_STATES = {
    "active": "counted",
    "past_due": "counted",
    "incomplete_expired": "ended",
    "canceled": "ended",
    # Only a trial without a card leads to this status, and paused out of a trial is as good as in it (RULINGS A22).
    "paused": "trialing",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """What all customers of a company share; `eras` are (from when, shape of bodies) in order; instants are seconds."""

    seed: int
    customers: int
    starts_at: int
    ends_at: int
    catalogue: Catalogue
    eras: tuple[tuple[int, Shape], ...]
    invoices: bool

    def shape(self, at: int) -> Shape:
        """The shape in which an event of the instant `at` is written."""
        for from_at, shape in reversed(self.eras):
            if at >= from_at:
                return shape
        return self.eras[0][1]


class Life:
    """Runs one customer: `step` does the next happening and returns its events; nothing is kept of those given out.

    A silent life sends nothing and keeps notes instead: both take the same decisions, since ids and bodies use no
    chance. `ended` is called after a subscription's end.
    """

    def __init__(self, setting: Setting, number: int, *, silent: bool = False) -> None:
        self.setting = setting
        self.number = number
        self.silent = silent
        self._random = Random(f"mrr customer {setting.seed} {number}").random
        self.codes = Codes(setting.seed, number)
        self._event_codes = Codes(setting.seed, number, _EVENT_CODES)
        self.now = 0
        self.customer: Customer
        self.subscriptions: list[Subscription] = []
        self.till: Till | None = None
        self.marks: Counter[str] = Counter()
        self.changed_day = 0
        self.ended: Callable[[Life, Subscription], None] = _nothing
        self._agenda: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._planned = 0
        self._out: list[Body] = []

    # The agenda.

    def plan(self, at: int, action: Callable[..., None], *arguments: Any) -> None:
        """Put `action(self, *arguments)` on the agenda; of two at one instant the one planned first comes first."""
        self._planned += 1
        heappush(self._agenda, (at, self._planned, action, arguments))

    def next_at(self) -> int | None:
        """When the next happening is due, None at the end of the simulated time."""
        if self._agenda and self._agenda[0][0] < self.setting.ends_at + LATEST + 10:
            return self._agenda[0][0]
        return None

    def step(self) -> list[Body]:
        """Do the next happening; its events in order, all of one instant."""
        self.now, _, action, arguments = heappop(self._agenda)
        action(self, *arguments)
        events, self._out = self._out, []
        return events

    # Chance, all of it from the seed and the customer's number.

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1."""
        return int(self._random() * limit)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high` - 1."""
        return low + int(self._random() * (high - low))

    def choice(self, choices: Sequence[Chosen]) -> Chosen:
        """One of the choices."""
        return choices[int(self._random() * len(choices))]

    def delay(self) -> int:
        """Seconds until the event of a boundary comes."""
        return self.between(1, LATEST + 1)

    def clear(self, at: int) -> bool:
        """Whether `at` keeps its distance from the time of day of every boundary of this customer's subscriptions."""
        for one in self.subscriptions:
            if one.alive and any(apart(at, moment) <= CLEARANCE for moment in _boundaries(one)):
                return False
        return True

    def clear_time(self, at: int) -> int:
        """The first instant from `at` on that keeps its distance from every boundary."""
        while not self.clear(at):
            at += 2 * CLEARANCE + 100
        return at

    def alive(self) -> list[Subscription]:
        """The subscriptions that have not ended."""
        return [one for one in self.subscriptions if one.alive]

    # Notes.

    def note(self, subscription: Subscription, at: int | None = None) -> None:
        """Keep the terms that hold from `at` (None: now) on."""
        if not self.silent:
            return
        when = self.now if at is None else at
        terms, notes = self._terms(subscription), subscription.notes
        if notes and notes[-1][1] == terms:
            return
        assert not notes or notes[-1][0] <= when, f"{subscription.id}: a note of {when} after one of {notes[-1][0]}"
        if notes and notes[-1][0] == when:
            notes.pop()
        notes.append((when, terms))

    def _terms(self, subscription: Subscription) -> Terms:
        face = subscription.face
        state = _STATES.get(face.status, face.status)
        if face.paused and state in ("counted", "unpaid"):
            state = "paused"
        discounts = subscription.deductions
        if not discounts and self.customer.discount is not None:
            discounts = (self.customer.discount,)
        lines = tuple(Line(item.id, item.price, item.quantity) for item in face.items if not item.price.metered)
        return Terms(state, lines, tuple(one.coupon for one in discounts if one.coupon.duration != "once"))

    def mark(self, name: str) -> None:
        """Count that a kind of story came to pass."""
        self.marks[name] += 1

    # Events.

    def emit(
        self,
        kind: str,
        body: Body,
        previous: Body | None = None,
        *,
        automatic: bool = False,
        codes: Codes | None = None,
    ) -> None:
        """Send an event of type `kind` about `body`; an automatic one has no API request behind it."""
        request = (None, None) if automatic else self._event_codes.request()
        code = (codes or self._event_codes).long("evt_1", self.now)
        self._out.append(envelope(code, self.shape().version, self.now, kind, body, previous, request))

    def shape(self) -> Shape:
        """How bodies look now."""
        return self.setting.shape(self.now)

    def show(self, one: Subscription, kind: str = "updated", *, automatic: bool = False) -> None:
        """Send customer.subscription.`kind` with what is true now; an update says what its last event had said."""
        if self.silent:
            return
        shape = self.shape()
        body = shape.subscription(one, one.face)
        previous = None
        if kind == "updated":
            previous = difference(self._shown(one, shape), body)
        self.emit(f"customer.subscription.{kind}", body, previous, automatic=automatic)
        one.shown = one.face
        one.body, one.shape = (body, shape) if one.alive else (None, None)

    def _shown(self, one: Subscription, shape: Shape) -> Body:
        if one.body is not None and one.shape is shape:
            return one.body
        assert one.shown is not None, f"{one.id} was updated before it was created"
        return shape.subscription(one, one.shown)

    def portrait(self) -> Body | None:
        """The customer as a body now, to be compared with after a change; None in a silent life."""
        return None if self.silent else self.shape().customer(self.customer)

    def show_customer(self, before: Body | None, kind: str = "updated", *, automatic: bool = False) -> None:
        """Send customer.`kind`; `before` is the portrait from before the change."""
        if self.silent:
            return
        body = self.shape().customer(self.customer)
        previous = None if before is None else difference(before, body)
        self.emit(f"customer.{kind}", body, previous, automatic=automatic)

    def show_discount(self, discount: Discount, kind: str, *, automatic: bool = False) -> None:
        """Send customer.discount.`kind`, created or deleted."""
        if not self.silent:
            self.emit(f"customer.discount.{kind}", self.shape().discount(discount), automatic=automatic)

    def changed(self, one: Subscription, face: Face, *, automatic: bool = False) -> None:
        """An exact change: `face` holds from now on, is noted and told at once."""
        one.face = face
        self.note(one)
        self.show(one, automatic=automatic)

    def pays(self, one: Subscription) -> bool:
        """Whether the subscription costs anything at all at present."""
        terms = self._terms(one)
        return any(amount > 0 for amount in monthly(terms.lines, terms.coupons).values())

    def touched_today(self) -> bool:
        """Whether a planned change was already made on this UTC day."""
        return self.changed_day == self.now // DAY


def _nothing(life: Life, one: Subscription) -> None:
    """What a life does after the end of a subscription, until its nature says more."""


def _boundaries(one: Subscription) -> list[int]:
    face = one.face
    moments = [face.anchor]
    if one.deductions or face.discounts:
        moments += [d.ends_at for d in (*one.deductions, *face.discounts) if d.ends_at is not None]
    if face.resumes_at is not None:
        moments.append(face.resumes_at)
    if face.cancel_at is not None:
        moments.append(face.cancel_at)
    return moments
