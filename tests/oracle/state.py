"""Who has which levels at an instant: subscriptions, their owners, attributes, and what the gap carries."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction

from tests.oracle.bill import Bill, Term, bill_at, monthly
from tests.oracle.billing import Billing
from tests.oracle.clock import local_day, midnight
from tests.oracle.order import merged, ordered, resolve
from tests.oracle.phase import TICK, Life
from tests.oracle.story import Story, plain

NOTHING = Bill({}, ())


@dataclass(frozen=True)
class SubscriptionState:
    """One subscription at an instant; `levels` are the exact monthly levels of the items that count.

    `billed` are the terms of items that the bill of its own terms does not hold, `gone` why items have no level;
    `counts`: bills aside, it would count.
    """

    customer: str
    phase: str
    bill: Bill
    levels: dict[str, Fraction]
    holds_at_zero: bool
    cut: frozenset[str] = frozenset()
    billed: dict[str, Term] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    counts: bool = False

    @property
    def stands(self) -> Bill:
        """The terms of all that it has a level for, with the discounts of its own bill."""
        return Bill({**self.bill.terms, **self.billed}, self.bill.discounts)


@dataclass(frozen=True)
class CustomerState:
    """All subscriptions of one customer at an instant, by subscription id."""

    subscriptions: dict[str, SubscriptionState] = field(default_factory=dict)

    @property
    def holds_at_zero(self) -> bool:
        """True where a subscription keeps the customer at 0 (A39)."""
        return any(state.holds_at_zero for state in self.subscriptions.values())


class World:
    """A story with its facts put in order, asked for the state at any instant."""

    def __init__(self, story: Story) -> None:
        """Orders the facts and resolves who is whom; raises nothing."""
        self.story = story
        self.policy = story.policy
        self.zone = story.policy.zone
        self.into = merged(story)
        self.lives = {subscription: Life(facts, story.policy) for subscription, facts in ordered(story).items()}
        self.known: dict[tuple[str, datetime], SubscriptionState | None] = {}
        self.cuts: dict[str, datetime] = {}
        for old, _, at in story.continues:
            self.cuts[old] = min(at, self.cuts.get(old, at))
        self.billing = Billing(story, self.lives, self.owner)
        self.names = sorted({*self.lives, *self.billing.names()})

    def owner(self, customer: str) -> str:
        """The customer that an id stands for."""
        return resolve(self.into, customer)

    def customers(self) -> list[str]:
        """Every customer who ever had a subscription and is not excluded."""
        ids = {self.owner(fact.customer) for life in self.lives.values() for fact in life.facts}
        ids |= set(self.billing.names().values())
        return sorted(customer for customer in ids if not self.excluded(customer))

    # Attributes.

    def attributes(self, customer: str, at: datetime | None) -> dict[str, str]:
        """The attributes of a customer at an instant; None: the undated ones alone (A20)."""
        mine = [a for a in self.story.attributes if self.owner(a.customer) == customer]
        known = [a for a in mine if a.at is None or (at is not None and a.at <= at)]
        values: dict[str, str] = {}
        for key in {a.key for a in known}:
            # The latest wins, undated ones come before all dated ones, ties fall to the lowest digest.
            dates = [a.at for a in known if a.key == key and a.at is not None]
            latest = max(dates) if dates else None
            standing = [a for a in known if a.key == key and a.at == latest]
            values[key] = min(standing, key=lambda a: a.digest).value
        return values

    def excluded(self, customer: str) -> bool:
        """True where the customer matches an exclusion at any time that is known, whatever as_of (A43)."""
        dates = [None, *(a.at for a in self.story.attributes if self.owner(a.customer) == customer)]
        for exclusion in self.policy["customers.exclude"]:
            wanted = {str(key): plain(value) for key, value in exclusion.items()}
            for at in dates:
                if wanted.items() <= self.attributes(customer, at).items():
                    return True
        return False

    # Subscriptions.

    def subscription(self, subscription: str, at: datetime) -> SubscriptionState | None:
        """The state of one subscription; None before its first fact."""
        if (subscription, at) not in self.known:
            self.known[subscription, at] = self._subscription(subscription, at)
        return self.known[subscription, at]

    def _subscription(self, subscription: str, at: datetime) -> SubscriptionState | None:
        cut_at = self.cuts.get(subscription)
        uncut = self._uncut(subscription, at)
        if uncut is None or cut_at is None or at < cut_at:
            return uncut
        # Continues cuts the old subscription at T and changes nothing else (A45).
        there = self._uncut(subscription, cut_at - TICK)
        cut = frozenset(there.levels) if there is not None else frozenset()
        return SubscriptionState(uncut.customer, uncut.phase, uncut.bill, {}, False, cut)

    def _uncut(self, subscription: str, at: datetime) -> SubscriptionState | None:
        if self.policy["basis"] == "invoice":
            return self._by_invoice(subscription, at)
        state = self._by_terms(subscription, at)
        if state is None or self.billing.has_started(subscription, at):
            return state
        return replace(state, levels={}, holds_at_zero=state.phase == "paused" and state.holds_at_zero)

    def _by_invoice(self, subscription: str, at: datetime) -> SubscriptionState | None:
        own = self._by_terms(subscription, at) if subscription in self.lives else None
        worth = self.billing.worth(subscription, at) if self.billing.has_started(subscription, at) else {}
        levels = {item: one.level for item, one in worth.items() if one.gone is None}
        billed = {item: one.term for item, one in worth.items()}
        gone = {item: one.gone for item, one in worth.items() if one.gone is not None}
        zero = self.policy["zero"] == "hold" and bool(levels) and not any(levels.values())
        owner = self.billing.names().get(subscription)
        if own is None:
            known = SubscriptionState(str(owner), "unknown", NOTHING, levels, zero, frozenset(), billed, gone)
            return None if owner is None else known
        paused = own.phase == "paused" and self.policy["status.paused"] == "contraction"
        bill = Bill(own.bill.terms, ())
        counts = self.lives[subscription].counts(at)
        return SubscriptionState(
            own.customer, own.phase, bill, levels, zero or paused, frozenset(), billed, gone, counts
        )

    def _by_terms(self, subscription: str, at: datetime) -> SubscriptionState | None:
        if subscription not in self.lives:
            return None
        life = self.lives[subscription]
        index = life.governing(at)
        if index is None:
            return None
        # A subscription belongs to the customer of its governing fact (A19).
        customer, phase = self.owner(life.facts[index].customer), life.phase(at)
        bill, levels = self._levels(life, index, at)
        charged = self.billing.charged(subscription, at) if life.counts(at) else {}
        used = self.billing.meter.worth(customer, subscription, at) if life.counts(at) else {}
        # What has a price of its own again counts by that.
        charged |= {item: term for item, term in used.items() if item not in bill.terms}
        levels = levels | monthly(Bill(charged, ()), self.policy)
        zero = self.policy["zero"] == "hold" and bool(levels) and not any(levels.values())
        paused = phase == "paused" and self.policy["status.paused"] == "contraction"
        return SubscriptionState(customer, phase, bill, levels, zero or paused, frozenset(), charged)

    def _levels(self, life: Life, index: int, at: datetime) -> tuple[Bill, dict[str, Fraction]]:
        if life.phase(at) != "ended":
            bill = bill_at(life, index, at)
            return bill, monthly(bill, self.policy) if life.counts(at) else {}
        stretch = life.last_stretch(at)
        if stretch is None:
            return NOTHING, {}
        index = stretch[0]
        bill = bill_at(life, index, at)
        levels = monthly(bill, self.policy)
        over = self.billing.over(life.facts[0].subscription, at)
        grace = over is not None and at < over.grace_to
        paid = {item.item_id for item in life.facts[index].items if grace or life.tail_of(item, at)}
        return bill, {item: level for item, level in levels.items() if item in paid}

    def customer(self, customer: str, at: datetime) -> CustomerState:
        """All of one customer's subscriptions at an instant, before any gap."""
        states = {subscription: self.subscription(subscription, at) for subscription in self.names}
        mine = {s: state for s, state in states.items() if state is not None and state.customer == customer}
        return CustomerState(mine)

    def total(self, state: CustomerState) -> bool:
        """True where some counted level is above 0 after rounding in its own currency."""
        return any(
            self.policy.round_micros(level, one.stands.terms[item].offer.currency) > 0
            for one in state.subscriptions.values()
            for item, level in one.levels.items()
        )

    def timeline(self, customer: str, instants: list[datetime]) -> list[CustomerState]:
        """The customer's state at each instant, with the last levels carried over a gap (A12)."""
        gap = int(self.policy["gap"])
        shown: list[CustomerState] = []
        was_active, until = False, None
        for at in instants:
            raw = self.customer(customer, at)
            stays = self.total(raw) or (was_active and raw.holds_at_zero)
            if stays or not was_active:
                was_active, until = was_active or stays, None
                shown.append(raw)
                continue
            if until is None:
                until = midnight(local_day(at, self.zone) + timedelta(days=gap), self.zone)
            carries = at < until
            was_active = carries
            shown.append(shown[-1] if carries else raw)
        return shown
