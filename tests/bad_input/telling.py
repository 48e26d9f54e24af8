"""Facts in our own words and what to expect of a book that was offered them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mrr.answers import ImportCounts
from mrr.book import Book
from mrr.policy import standard

AS_OF = "2025-06-01"


def told(name: str, **changed: Any) -> dict[str, Any]:
    """A subscription of 20 USD a month that starts on 10 January 2025, with some fields changed."""
    item = {"item": "A", "product": "pro", "price": "p", "unit_amount": "10.00", "quantity": 2, "interval": "month"}
    whole = {
        "fact": "subscription",
        "key": name,
        "customer": name,
        "subscription": name,
        "effective_at": "2025-01-10T00:00:00Z",
        "status": "active",
        "currency": "USD",
        "items": [item],
    }
    return whole | changed


def priced(name: str, **changed: Any) -> dict[str, Any]:
    """The same with some fields of its item changed."""
    return told(name, items=[told(name)["items"][0] | changed])


def body(fact: Any) -> bytes:
    """A fact as the bytes of one line."""
    return json.dumps(fact).encode()


def event(number: int, **changed: Any) -> dict[str, Any]:
    """An event of Stripe's: a subscription of 20 USD a month is created on 10 January 2025."""
    price = {
        "id": "price_1",
        "object": "price",
        "currency": "usd",
        "product": "prod_1",
        "unit_amount": 1000,
        "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
    }
    item = {"id": f"si_{number}", "object": "subscription_item", "quantity": 2, "price": price}
    subscription = {
        "id": f"sub_{number}",
        "object": "subscription",
        "customer": f"cus_{number}",
        "currency": "usd",
        "status": "active",
        "created": 1_736_467_200,
        "start_date": 1_736_467_200,
        "items": {"object": "list", "data": [item], "has_more": False},
    }
    return {
        "id": f"evt_{number}",
        "object": "event",
        "type": "customer.subscription.created",
        "created": 1_736_467_200,
        "livemode": True,
        "data": {"object": subscription | changed},
    }


def created(folder: Path, bodies: Sequence[bytes] = ()) -> Path:
    """A book of the standard policy, with these facts of our own words in its ledger."""
    with Book.create(folder, policy=standard()) as book:
        if bodies:
            book.append_bodies(bodies, source="native")
    return folder


def goes_on(folder: Path) -> None:
    """The counts of the book add up, and the next import works."""
    with Book(folder) as book:
        before = book.verify()
        assert before.ok
        assert book.append_bodies([body(told("the next"))], source="native").decoded == 1
        after = book.verify()
        assert after.ok
        assert after.entries == before.entries + 1
        assert book.movements(customer="native/the next", as_of=AS_OF)[0].amount_micros == 20_000_000
        assert adds_up(after.outcomes) == after.entries


def adds_up(outcomes: dict[str, int]) -> int:
    """All outcomes together."""
    return sum(outcomes.values())


def closing(folder: Path) -> int:
    """MRR as of June 2025, in micros."""
    with Book(folder) as book:
        return book.rollforward(as_of=AS_OF).rows[-1].closing_micros


def whole(counts: ImportCounts) -> bool:
    """Whether every body offered has exactly one outcome."""
    parts = (getattr(counts, name) for name in ImportCounts.OUTCOMES)
    return bool(sum(parts) == counts.entries)
