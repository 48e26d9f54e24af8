"""Small books of authored bodies: Stripe's shapes, since lists, invoices and charges come from there."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mrr import Book
from mrr.policy import standard
from mrr.reconcile.outcome import Reconciled
from tests.providers.stripe.bodies import MONTH, START, event, item, price, subscription

# The customers' year begins at START, 1 January 2024; lists are seen ten days later.
SEEN = START + 10 * 86_400
SEEN_TEXT = "2024-01-11"
Body = dict[str, Any]


def at(epoch: int) -> str:
    """Epoch seconds as people write them."""
    return datetime.fromtimestamp(epoch, UTC).isoformat()


def sub(name: str, *items: Body, **fields: Any) -> Body:
    """Subscription `sub_NAME` of customer `cus_NAME`, 20 USD a month."""
    whole = items or (item(id=f"si_{name}"),)
    return subscription(*whole, **{"id": f"sub_{name}", "customer": f"cus_{name}", **fields})


def created(*bodies: Body, on: int = START) -> list[Body]:
    """The events by which subscriptions begin."""
    events = (event("customer.subscription.created", body, created=on) for body in bodies)
    return [{**told, "id": f"evt_{told['data']['object']['id']}_{on}"} for told in events]


def updated(body: Body, on: int) -> Body:
    """The event by which a subscription changes."""
    return {**event("customer.subscription.updated", body, created=on), "id": f"evt_{body['id']}_{on}"}


def yearly() -> Body:
    """Another price: 240 USD a year."""
    recurring = {"interval": "year", "interval_count": 1, "usage_type": "licensed"}
    return price(id="price_year", recurring=recurring, unit_amount=24_000, unit_amount_decimal="24000")


def book_of(folder: Path, bodies: Iterable[Body], *, source: str = "stripe", **policy: Any) -> Book:
    """A new book in which these bodies were told; bare objects were seen at START."""
    book = Book.create(folder / "book", policy=standard().differing(policy) if policy else standard())
    tell(book, bodies, source=source)
    return book


def tell(book: Book, bodies: Iterable[Body], *, source: str = "stripe", seen: int = START) -> None:
    """Import bodies."""
    book.append_bodies([json.dumps(body).encode() for body in bodies], source=source, observed_at=at(seen))


def listed(folder: Path, bodies: Iterable[Body], *, has_more: bool = False) -> str:
    """A page of a list, as a file."""
    path = folder / "list.json"
    path.write_text(json.dumps({"object": "list", "data": list(bodies), "has_more": has_more, "url": "/v1/x"}))
    return str(path)


def causes(found: Reconciled) -> dict[str, tuple[str, int]]:
    """Cause and difference in whole units of the currency, by customer."""
    assert all(row.difference_micros == row.theirs_micros - row.ours_micros for row in found.rows)
    return {row.customer_id: (row.cause, row.difference_micros // 1_000_000) for row in found.rows}


__all__ = ["MONTH", "SEEN", "SEEN_TEXT", "START", "Body", "book_of", "causes", "created", "event", "item", "listed"]
__all__ += ["price", "sub", "tell", "updated", "yearly"]
