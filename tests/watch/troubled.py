"""A small company in trouble, told in native events around any instant: each indicator has something to say of it."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

Event = dict[str, Any]
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
# Customers who pay 100 USD a month since 40 days ago; from c0 on, the first of them are in trouble.
CUSTOMERS = 20


def text(moment: datetime) -> str:
    """An instant as native events write it."""
    return moment.isoformat() + "Z"


def subscription(customer: str, at: datetime, amount: str = "100", **fields: Any) -> Event:
    """A customer pays so much a month from an instant on."""
    price = {"item": f"i-{customer}", "product": "pro", "price": "p", "unit_amount": amount, "interval": "month"}
    told: Event = {
        "fact": "subscription",
        "customer": customer,
        "subscription": f"S-{customer}",
        "effective_at": text(at),
    }
    told |= {"status": "active", "currency": "USD", "items": [price]}
    return told | {"period": [text(at), text(at + 30 * DAY)]} | fields


def payment(name: str, customer: str, at: datetime, code: str | None = None, **fields: Any) -> Event:
    """An attempt to take 100 USD: it succeeded, or failed with a code."""
    told: Event = {
        "fact": "payment",
        "payment": name,
        "kind": "attempt",
        "customer": customer,
        "effective_at": text(at),
    }
    told |= {"outcome": "failed" if code else "succeeded", "amount": "100", "currency": "USD", "failure_code": code}
    return told | fields


def checkout(name: str, at: datetime, outcome: str, customer: str | None = None) -> Event:
    """What became of a checkout."""
    told = {"fact": "checkout", "checkout": name, "outcome": outcome, "effective_at": text(at)}
    return told | ({"customer": customer} if customer else {})


def invoice(name: str, customer: str, at: datetime, *lines: Event) -> Event:
    """A paid invoice of a customer's subscription."""
    told = {"fact": "invoice", "invoice": name, "status": "paid", "currency": "USD", "customer": customer}
    return told | {"effective_at": text(at), "subscription": f"S-{customer}", "lines": list(lines)}


def line(name: str, customer: str, starts: datetime, ends: datetime, amount: str, *, proration: bool = False) -> Event:
    """A line for a stretch of time."""
    told = {"line": name, "amount": amount, "kind": "subscription", "subscription": f"S-{customer}", "quantity": 1}
    told |= {"item": f"i-{customer}", "price": "p", "product": "pro", "proration": proration, "recurring": True}
    return told | {"period": [text(starts), text(ends)]}


def company(now: datetime) -> Iterator[Event]:
    """Everything that is told of it, in no order that matters."""
    began = now - 40 * DAY
    renewed = began + 30 * DAY
    for number in range(CUSTOMERS):
        name = f"c{number}"
        yield subscription(name, began)
        yield subscription(name, renewed)
        yield payment(f"pay-{number}", name, began)
        yield invoice(f"inv-{number}", name, began, line(f"l-{number}", name, began, renewed, "100"))
        if number != 5:
            ends = renewed + 30 * DAY
            yield invoice(f"inv2-{number}", name, renewed, line(f"m-{number}", name, renewed, ends, "100"))
    yield from _at_risk(now)
    yield from _tried(now)
    # An upgrade in the middle of a period, one tenth of it before now, billed with 7 USD where 10 are right.
    half = renewed + 7 * DAY
    wrong = line("w", "c9", half, half + 3 * DAY, "7", proration=True)
    yield invoice("inv-w", "c9", half, wrong | {"period": [text(half), text(renewed + 30 * DAY)]})


def _at_risk(now: datetime) -> Iterator[Event]:
    renewed = now - 10 * DAY
    period: Event = {"period": [text(renewed), text(renewed + 30 * DAY)]}
    yield subscription("c0", now - 2 * DAY, status="past_due", **period)
    yield subscription("c1", now - 2 * DAY, cancel_at=text(renewed + 30 * DAY), **period)
    yield payment("late", "c2", now - 3 * HOUR, "expired_card", invoice="inv2-2")
    # c3 failed twice by a retry of the gateway, and was paid after all: nothing is at risk.
    yield payment("r1", "c3", now - 3 * HOUR, "card_declined", invoice="inv2-3")
    yield payment("r2", "c3", now - 3 * HOUR + MINUTE, "card_declined", invoice="inv2-3")
    yield payment("r3", "c3", now - 2 * HOUR, invoice="inv2-3")
    card = {"card_expires": (now + 5 * DAY).strftime("%Y-%m")}
    yield {"fact": "customer", "customer": "c4", "attributes": card, "effective_at": text(now - 20 * DAY)}


def _tried(now: datetime) -> Iterator[Event]:
    """Who wants to pay for the first time: two do, one at the third attempt; one cannot; one is not decided yet."""
    yield checkout("s1", now - 4 * HOUR, "started", "n1")
    yield checkout("s1", now - 4 * HOUR + MINUTE, "completed", "n1")
    for number, code in enumerate(("card_declined", "card_declined", None)):
        yield payment(f"n2-{number}", "n2", now - 4 * HOUR + number * MINUTE, code)
    yield subscription("n2", now - 4 * HOUR + 3 * MINUTE)
    for number in range(3):
        yield payment(f"n3-{number}", "n3", now - 3 * HOUR + number * MINUTE, "do_not_honor")
    yield checkout("s4", now - HOUR, "started", "n4")


def bodies(events: Iterator[Event]) -> list[bytes]:
    """Events as they are delivered."""
    return [json.dumps({key: value for key, value in event.items() if value is not None}).encode() for event in events]
