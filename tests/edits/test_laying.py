"""Facts as paths and values, what can be said of them, and what is refused with the path."""

import json
from decimal import Decimal
from typing import Any

import pytest

from mrr import facts
from mrr.errors import DecodeError, WrongUse
from mrr.period import micros_of, parse_instant
from mrr.providers import edits
from mrr.providers.edits.laying import changed, paths

MARCH = micros_of(parse_instant("2025-03-01"))
FACT = facts.Subscription(
    effective_at=MARCH,
    observed_at=1,
    subscription="s",
    customer="c",
    status="active",
    currency="USD",
    items=(facts.Item(item="A", offer=facts.Offer(price="p", unit_amount=Decimal(10), interval="month")),),
)


def test_every_value_has_a_path() -> None:
    shown = paths(FACT)
    assert shown["effective_at"] == "2025-03-01T00:00:00Z"
    assert shown["items.0.quantity"] == "1"
    assert shown["items.0.offer.unit_amount"] == "10"
    assert (shown["ended_at"], shown["discounts"], shown["paused"]) == ("null", "[]", "false")
    assert not {"observed_at", "prior", "change"} & shown.keys()
    assert changed(FACT, shown, "UTC") == FACT


def test_values_are_laid_over() -> None:
    made = changed(FACT, {"items.0.quantity": "3", "status": "canceled", "ended_at": "2025-04-01"}, "Europe/Berlin")
    assert (made.items[0].quantity, made.status) == (3, "canceled")
    assert made.ended_at == micros_of(parse_instant("2025-03-31T22:00:00Z"))
    assert made == changed(made, {}, "UTC")
    assert changed(FACT, {"items.0.unit_amount": "12.50"}, "UTC").items[0].offer.unit_amount == Decimal("12.5")


def test_lists_and_attributes_grow_and_shrink() -> None:
    more = changed(FACT, {"items.1": '{"item": "B", "offer": {"unit_amount": 2.5}}'}, "UTC")
    assert more.items[1].offer.unit_amount == Decimal("2.5")
    assert changed(more, {"items.0": "null"}, "UTC").items == more.items[1:]
    customer = facts.Customer(effective_at=None, observed_at=1, customer="c", attributes={"segment": "smb"})
    made = changed(customer, {"attributes.segment": "null", "attributes.country": "DE"}, "UTC")
    assert made.attributes == {"country": "DE"}


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        ("foo", "1", "foo: there is no foo"),
        ("observed_at", "1", "there is no observed_at"),
        ("items.4.quantity", "1", "items.4.quantity: there is no 4"),
        ("status.x", "1", "there is no x"),
        ("items.0.quantity", "many", "items[0].quantity"),
        ("items.0.quantity", "-3", "a whole number from 0"),
        ("status", "dormant", "dormant"),
        ("currency", "XXQ", "ISO 4217"),
        ("effective_at", "null", "effective_at: missing"),
        ("effective_at", "1969-01-01", "an instant from 1970"),
        ("items.0.unit_amount", "1e30", "at most 10^10"),
        ("items.0.unit_amount", "0.1234567890123", "at most 12 places"),
        ("items.0.unit_amount", "-1", "at least 0"),
        ("items.1", "{bad", "malformed"),
        ("subscription", "null", "subscription"),
    ],
)
def test_what_cannot_be_is_refused(path: str, text: str, told: str) -> None:
    with pytest.raises(WrongUse) as refused:
        changed(FACT, {path: text}, "UTC")
    assert told in str(refused.value)
    assert refused.value.remedy


SAID: dict[str, Any] = {"version": 1, "author": "ann", "reason": "why", "said_at": "2026-01-01T10:00:00Z"}
STATED = {"fact": "rate", "effective_at": None, "observed_at": 1, "day": "2025-01-01", "currency": "EUR", "base": "USD"}
STATED |= {"numerator": 2, "denominator": 1}


def correct(**stated: Any) -> dict[str, Any]:
    """The body of a correction that states a rate."""
    return {"edit": "correct", **SAID, "entry": 3, "source": "rates", "facts": [STATED | stated]}


def test_a_body_says_who_and_what() -> None:
    body = json.dumps({"edit": "merge", **SAID, "customer": "a/1", "into": "b/2", "key": "k"}).encode()
    assert edits.stamp(body, None) == ("k", "merge", micros_of(parse_instant(SAID["said_at"])))
    said, merge = edits.decode(body, 0)
    assert isinstance(said, facts.Edit)
    assert (said.verb, said.author, said.of, said.to, said.reason) == ("merge", "ann", "a/1", "b/2", "why")
    assert isinstance(merge, facts.Merge)
    assert edits.stamp(b"\xff{", 7)[1:] == ("unreadable", 7)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "edit: missing"),
        ({"edit": "erase", **SAID}, "edit: "),
        ({"edit": "exclude", **SAID, "customer": "acme"}, "customer: "),
        ({"edit": "exclude", **SAID, "customer": "n/a", "extra": 1}, "extra: unknown field"),
        ({"edit": "exclude", **SAID, "customer": "n/a", "author": ""}, "author: "),
        ({"edit": "exclude", **SAID, "customer": "n/a", "version": 2}, "version: "),
        ({"edit": "exclude", **SAID, "customer": "n/a", "said_at": "soon"}, "said_at: no instant"),
        ({"edit": "revert", **SAID, "entry": 0}, "entry: "),
        (correct(numerator=0), "facts[0].numerator: expected a whole number from 1"),
        (correct(day="2025-02-30"), "facts[0].day: expected a day"),
        (correct(base="XXQ"), "facts[0].base: expected an ISO 4217"),
        (correct(fact="edit"), "facts[0].fact: "),
        (correct(day=3), "facts[0].day: expected str, got 3"),
    ],
)
def test_a_body_that_cannot_be_read_says_where(body: dict[str, Any], told: str) -> None:
    with pytest.raises(DecodeError) as unread:
        edits.decode(json.dumps(body).encode(), 0)
    assert told in str(unread.value)
