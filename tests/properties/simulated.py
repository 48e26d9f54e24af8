"""A simulated company as stories of native facts: one of them all for the models, one a customer for the oracle."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mrr.facts import Customer, Discount, DiscountGiven, Fact, Item, Offer, Price, Subscription, Tier
from mrr.providers import Irrelevant, stripe
from mrr.simulate import Company

Body = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATE = 24
DATES = ("trial_ends_at", "cancel_at", "canceled_at", "ended_at")


@dataclass(frozen=True)
class Listed:
    """What the catalogue says of ids."""

    prices: dict[str, Offer]
    discounts: dict[str, Discount]


def story_of(firm: Company) -> Body:
    """The whole company. Of several facts of one object and instant the last stands: their order is tried elsewhere."""
    decoded = list(_decoded(firm))
    listed = Listed(
        {fact.price: fact.offer for fact in decoded if isinstance(fact, Price)},
        {fact.discount_id: fact.discount for fact in decoded if isinstance(fact, DiscountGiven)},
    )
    told: dict[tuple[str, str, int | None], Body] = {}
    for fact in decoded:
        if isinstance(fact, Subscription):
            told["subscription", fact.subscription, fact.effective_at] = _subscription(fact, listed)
        elif isinstance(fact, Customer):
            told["customer", fact.customer, fact.effective_at] = _customer(fact)
    # The last rate of a month is the one that values it; the oracle is spared the others.
    rates = [[str(rate.day), rate.currency, str(rate.value)] for rate in firm.rates() if rate.day.day > LATE]
    as_of = datetime(firm.ends_on.year, firm.ends_on.month, firm.ends_on.day, tzinfo=UTC)
    return {"policy": {}, "rates": rates, "facts": list(told.values()), "as_of": as_of.isoformat()}


def stories_of(story: Body) -> Iterator[Body]:
    """The same facts customer by customer, which the naive oracle can hold in its hands."""
    by_customer: dict[str, list[Body]] = {}
    for fact in story["facts"]:
        by_customer.setdefault(fact["customer"], []).append(fact)
    for facts in by_customer.values():
        yield {**story, "facts": facts}


def _decoded(firm: Company) -> Iterator[Fact]:
    for event in firm.events():
        found = stripe.decode(json.dumps(event).encode(), 0)
        if not isinstance(found, Irrelevant):
            yield from found


def _iso(micros: int | None) -> str | None:
    return None if micros is None else (EPOCH + timedelta(microseconds=micros)).isoformat()


def _customer(fact: Customer) -> Body:
    return {"fact": "customer", "customer": fact.customer, "effective_at": _iso(fact.effective_at),
            "attributes": fact.attributes}  # fmt: skip


def _subscription(fact: Subscription, listed: Listed) -> Body:
    body: Body = {
        "fact": "subscription",
        "customer": fact.customer,
        "subscription": fact.subscription,
        "effective_at": _iso(fact.effective_at),
        "status": fact.status,
        "currency": fact.currency,
        "items": [_item(item, listed) for item in fact.items],
        "discounts": [_discount(listed.discounts.get(one.discount, one)) for one in fact.discounts],
        "period": [_iso(fact.period_starts_at), _iso(fact.period_ends_at)],
        "cancel_at_period_end": fact.cancel_at_period_end,
        "change": fact.change,
    }
    dates = {name: _iso(getattr(fact, name)) for name in DATES}
    pause = {"pause": {"resumes_at": _iso(fact.resumes_at)}} if fact.paused else {}
    return body | {name: at for name, at in dates.items() if at} | pause


def _item(item: Item, listed: Listed) -> Body:
    offer = item.offer
    if offer.unit_amount is None and not offer.tiers:
        offer = listed.prices[str(offer.price)]
    body: Body = {"item": item.item, "product": offer.product, "price": offer.price, "quantity": item.quantity}
    body |= {"interval": offer.interval, "interval_count": offer.interval_count}
    if offer.tiers:
        body |= {"tiers": [_tier(tier) for tier in offer.tiers], "tiers_mode": offer.tiers_mode}
    else:
        body |= {"unit_amount": str(offer.unit_amount)}
    if item.period_starts_at is not None:
        body["period"] = [_iso(item.period_starts_at), _iso(item.period_ends_at)]
    return body


def _tier(tier: Tier) -> Body:
    return {"up_to": tier.up_to, "unit_amount": str(tier.unit_amount), "flat_amount": str(tier.flat_amount)}


def _discount(one: Discount) -> Body:
    size = {"percent": str(one.percent)} if one.percent is not None else {"amount": str(one.amount)}
    dates = {"starts_at": _iso(one.starts_at), "ends_at": _iso(one.ends_at)}
    return {"id": one.discount, "duration": one.duration, "scope": one.scope, **size,
            **{name: at for name, at in dates.items() if at}}  # fmt: skip
