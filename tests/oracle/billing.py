"""What bills, payments and terms that are over do to levels: the ledger keys that read more than subscriptions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property

from tests.oracle.bill import Term
from tests.oracle.billed import Books, Over, Worth
from tests.oracle.clock import local_day, midnight
from tests.oracle.papers import last, paper, payment
from tests.oracle.phase import TICK, Life
from tests.oracle.services import Reader, months_later
from tests.oracle.story import Offer, Story
from tests.oracle.used import Meter, billed_uses, told_uses

OUT = frozenset({"ended", "requested", "incomplete"})


class Billing:
    """Asked by the world for what its subscriptions themselves do not say."""

    def __init__(self, story: Story, lives: dict[str, Life], owner: Callable[[str], str]) -> None:
        """Reads the papers of a story."""
        self.story = story
        self.policy = story.policy
        self.lives = lives
        self.owner = owner
        self.papers = [paper(raw) for raw in story.money if raw["fact"] != "payment"]
        self.payments = [payment(raw) for raw in story.money if raw["fact"] == "payment"]
        owners = {name: life.facts[0].customer for name, life in lives.items()}
        invoices = [one for one in self.papers if not one.is_credit]
        reader = Reader(self.policy, story.snapshots, owners)
        services = reader.services(invoices)
        self.books = Books(self.policy, services, self.papers, self.payments)
        by_invoice = self.policy["basis"] == "invoice"
        uses = billed_uses(reader, invoices, owner) if by_invoice else told_uses(story.usage, lives, owner)
        self.meter = Meter(self.policy, uses)

    def names(self) -> dict[str, str]:
        """On basis invoice every subscription that is billed, and its customer."""
        if self.policy["basis"] != "invoice":
            return {}
        used = {one.subscription: one.customer for one in self.meter.uses}
        return used | {one.subscription: self.owner(one.customer) for one in self.books.services}

    def worth(self, subscription: str, at: datetime) -> dict[str, Worth]:
        """What a subscription's bills are worth at an instant."""
        life, over = self.lives.get(subscription), None
        customers = {one.customer for one in self.books.services if one.subscription == subscription}
        trial = False
        if life is not None and life.governing(at) is not None:
            phase = life.phase(at)
            trial = phase == "trialing" and self.policy["status.trialing"] == "exclude"
            if phase in ("requested", "incomplete"):
                return {}
            over = self.over(subscription, at)
            if phase == "ended" and over is None:
                return {}
        elif life is not None and life.phase(life.facts[0].at) in OUT:
            return {}
        found: dict[str, Worth] = {}
        for customer in customers:
            found |= self.books.worth(customer, subscription, at, over, trial)
        if over is None:
            used = self.meter.worth(self.names().get(subscription, ""), subscription, at)
            found |= {item: Worth(term, term.offer.unit_amount, None) for item, term in used.items()}
        return found

    # What is over.

    def over(self, subscription: str, at: datetime) -> Over | None:
        """Of a subscription that has ended by an instant: since when, and what outlives that."""
        life = self.lives[subscription]
        stretch = life.last_stretch(at) if life.phase(at) == "ended" else None
        if stretch is None:
            return None
        index, since = stretch
        was_active = life.phase_within(index, since - TICK) == "active"
        paid = self.policy["churn_at"] == "paid_through" and was_active
        return Over(since, paid, self._grace(subscription, index, since) if was_active else since)

    def _grace(self, subscription: str, index: int, since: datetime) -> datetime:
        """To where a contract outlives its term: nobody asked for its end."""
        life = self.lives[subscription]
        later = life.next(index)
        asked = life.request_at(index) is not None or (later is not None and later.ended and later.canceled_at)
        if asked:
            return since
        zone = self.policy.zone
        ends = midnight(local_day(since, zone) + timedelta(days=int(self.policy["renewal.grace"])), zone)
        mine = self.owner(life.facts[index].customer)
        others = [at for name in self.lives if name != subscription for at in self._begun(name, mine) if at >= since]
        return max(since, min([ends, *others]))

    def _begun(self, subscription: str, customer: str) -> list[datetime]:
        """When a subscription of a customer began to count."""
        life = self.lives[subscription]
        found = []
        for at in self._looks:
            index = life.governing(at)
            if index is not None and self.owner(life.facts[index].customer) == customer:
                before = life.governing(at - TICK) is not None and life.counts(at - TICK)
                if life.counts(at) and not before:
                    found.append(at)
        return found

    @cached_property
    def _looks(self) -> list[datetime]:
        from tests.oracle.instants import of_life

        return sorted({at for life in self.lives.values() for at in of_life(life)})

    # When it starts.

    def has_started(self, subscription: str, at: datetime) -> bool:
        """Whether a subscription counts yet under `starts_at`."""
        rule = self.policy["starts_at"]
        since = None if rule == "activation" else self._started(subscription, rule)
        return rule == "activation" or (since is not None and at >= since)

    def _started(self, subscription: str, rule: str) -> datetime | None:
        found: list[datetime] = []
        for document in {one.document for one in self.papers if not one.is_credit}:
            told = [one for one in self.papers if one.document == document and not one.is_credit]
            end = last(told)
            named = {line.subscription or end.customer for line in end.lines} or {end.subscription or end.customer}
            if end.status not in ("open", "paid", "uncollectible") or subscription not in named:
                continue
            if rule == "finalised":
                found += [one.final_at or one.at for one in told if one.status != "draft"]
                continue
            found += [one.at for one in told if one.status == "paid" and one.paid > 0]
            paid = (p for p in self.payments if p.kind == "attempt" and p.outcome == "succeeded" and p.amount > 0)
            found += [p.at for p in paid if p.invoice == document]
        return min(found, default=None)

    # One-time charges of a subscription's own terms.

    def charged(self, subscription: str, at: datetime) -> dict[str, Term]:
        """The one-time items that are spread over an instant, on basis subscription."""
        months = self.policy["one_time"]
        if months == "exclude" or self.policy["basis"] == "invoice":
            return {}
        found: dict[str, Term] = {}
        seen: set[str] = set()
        for fact in self.lives[subscription].facts:
            for item in fact.items:
                if item.offer.interval is None and item.item_id not in seen:
                    seen.add(item.item_id)
                    if fact.at <= at < months_later(fact.at, months):
                        offer = item.offer
                        once = Offer(
                            offer.product, offer.price, offer.unit_amount, (), "", "month", months, offer.currency
                        )
                        found[item.item_id] = Term(once, item.quantity)
        return found

    def instants(self) -> set[datetime]:
        """Every instant at which something of this can change."""
        found = self.books.instants()
        if self.policy["one_time"] != "exclude":
            once = {fact.at for life in self.lives.values() for fact in life.facts}
            found |= {months_later(at, int(self.policy["one_time"])) for at in once}
        return found
