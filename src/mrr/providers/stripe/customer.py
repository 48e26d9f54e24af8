"""Customers: the attributes that hold from now on, and the discount of the customer as a whole."""

from typing import Any

import msgspec

import mrr.providers.stripe.shapes as shapes
from mrr import facts
from mrr.facts import Fact
from mrr.providers.stripe.catalogue import discount_of, stamped
from mrr.providers.stripe.reading import Told, currency


def customer_facts(customer: shapes.Customer, told: Told) -> list[Fact]:
    """The attributes; the discount where the snapshot has one, or may have ended one."""
    before = _before(told)
    attributes = {**_gone(customer, before), **_attributes(customer, told)}
    found: list[Fact] = [stamped(facts.Customer, told, customer=customer.id, attributes=attributes)]
    if isinstance(customer.discount, shapes.Discount):
        given = discount_of(customer.discount, "discount.")
        found.append(stamped(facts.DiscountGiven, told, discount=given))
        found.append(stamped(facts.CustomerDiscount, told, customer=customer.id, discounts=(given,)))
    elif customer.discount is None and (told.by or before.get("discount")):
        # An event ends a discount only where it says that there was one; a bare object does not tell what was before.
        found.append(stamped(facts.CustomerDiscount, told, customer=customer.id))
    return found


def _before(told: Told) -> dict[str, Any]:
    if told.previous is None:
        return {}
    previous = msgspec.json.decode(told.previous)
    return previous if isinstance(previous, dict) else {}


def _gone(customer: shapes.Customer, before: dict[str, Any]) -> dict[str, str]:
    """Metadata keys that the event says were there before and are not now: attributes without a value."""
    was = before.get("metadata")
    return {key: "" for key in was if key not in (customer.metadata or {})} if isinstance(was, dict) else {}


def _attributes(customer: shapes.Customer, told: Told) -> dict[str, str]:
    # A customer's own fields go before metadata keys of the same name.
    live = told.live if customer.livemode is None else customer.livemode
    own = {
        "name": customer.name,
        "country": customer.address.country if customer.address else None,
        "currency": currency(customer.currency, "") if customer.currency else None,
        "test": "true" if live is False else None,
        "deleted": "true" if customer.deleted or told.change == "deleted" else None,
    }
    return {**(customer.metadata or {}), **{key: value for key, value in own.items() if value}}
