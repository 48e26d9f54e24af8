"""Retells decoded facts as stories for the oracle: one story a customer, every reference resolved."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from mrr.facts import CustomerDiscount, Discount, DiscountGiven, Fact, Item, Offer, Price, Subscription
from mrr.providers.stripe import decode
from mrr.simulate.state import Body

Story = list[dict[str, Any]]


class Retelling:
    """What a stream of events says, customer by customer."""

    def __init__(self, events: Iterable[Body]) -> None:
        self.offers: dict[str, Offer] = {}
        self.discounts: dict[str, Discount] = {}
        self.of_customer: dict[str, list[CustomerDiscount]] = defaultdict(list)
        self.subscriptions: dict[str, list[Subscription]] = defaultdict(list)
        for event in events:
            facts = decode(msgspec.json.encode(event), event["created"] * 1_000_000)
            for fact in facts if isinstance(facts, list | tuple) else ():
                self._keep(fact)

    def _keep(self, fact: Fact) -> None:
        if isinstance(fact, Price):
            self.offers[fact.price] = fact.offer
        elif isinstance(fact, DiscountGiven):
            self.discounts[fact.discount_id] = fact.discount
        elif isinstance(fact, CustomerDiscount):
            self.of_customer[fact.customer].append(fact)
        elif isinstance(fact, Subscription):
            self.subscriptions[fact.customer].append(fact)

    def story(self, customer: str) -> Story:
        """The facts of one customer; a change of its own discount is one more snapshot of each subscription."""
        told = [self._snapshot(fact, self._given(customer, fact.effective_at)) for fact in self.subscriptions[customer]]
        shown: tuple[str, ...] = ()
        for change in self.of_customer[customer]:
            given = tuple(one.discount for one in change.discounts)
            if given != shown:
                told += [self._again(fact, change) for fact in self._alive(customer, change.effective_at)]
            shown = given
        return told

    def _given(self, customer: str, at: int | None) -> tuple[Discount, ...]:
        before = [one.discounts for one in self.of_customer[customer] if (one.effective_at or 0) <= (at or 0)]
        return before[-1] if before else ()

    def _alive(self, customer: str, at: int | None) -> list[Subscription]:
        last = {f.subscription: f for f in self.subscriptions[customer] if (f.effective_at or 0) < (at or 0)}
        return [fact for fact in last.values() if fact.status not in ("canceled", "incomplete_expired")]

    def _again(self, fact: Subscription, change: CustomerDiscount) -> dict[str, Any]:
        return self._snapshot(fact, change.discounts) | {"effective_at": _instant(change.effective_at)}

    def _snapshot(self, fact: Subscription, given: tuple[Discount, ...]) -> dict[str, Any]:
        own = [self._discount(one, "subscription") for one in fact.discounts]
        return {
            "fact": "subscription",
            "customer": fact.customer,
            "subscription": fact.subscription,
            "effective_at": _instant(fact.effective_at),
            "status": fact.status,
            "currency": fact.currency,
            "items": [self._item(item) for item in fact.items],
            "period": [_instant(fact.period_starts_at), _instant(fact.period_ends_at)],
            "discounts": own or [self._discount(one, "customer") for one in given],
            "trial_ends_at": _instant(fact.trial_ends_at),
            "pause": {"resumes_at": _instant(fact.resumes_at)} if fact.paused else None,
            "cancel_at_period_end": fact.cancel_at_period_end,
            "cancel_at": _instant(fact.cancel_at),
            "canceled_at": _instant(fact.canceled_at),
            "ended_at": _instant(fact.ended_at),
            "change": fact.change,
        }

    def _item(self, item: Item) -> dict[str, Any]:
        offer = item.offer
        if offer.unit_amount is None and not offer.tiers:
            offer = self.offers[str(offer.price)]
        tiers = [
            {"up_to": tier.up_to, "unit_amount": str(tier.unit_amount), "flat_amount": str(tier.flat_amount)}
            for tier in offer.tiers
        ]
        return {
            "item": item.item,
            "product": offer.product,
            "price": offer.price,
            "unit_amount": str(offer.unit_amount or 0),
            "quantity": item.quantity,
            "interval": offer.interval,
            "interval_count": offer.interval_count,
            "usage_type": offer.usage_type,
            "tiers": tiers,
            "tiers_mode": offer.tiers_mode,
        }

    def _discount(self, discount: Discount, scope: str) -> dict[str, Any]:
        known = self.discounts[discount.discount] if discount.duration is None else discount
        return {
            "id": known.discount,
            "percent": None if known.percent is None else str(known.percent),
            "amount": None if known.amount is None else str(known.amount),
            "duration": known.duration,
            "starts_at": _instant(known.starts_at),
            "ends_at": _instant(known.ends_at),
            "scope": scope,
        }


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else datetime.fromtimestamp(micros // 1_000_000, UTC)
