"""Bodies to decode: the recorded ones, and small authored ones for what no recording shows."""

import gzip
import json
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple

from mrr.facts import Fact, Subscription
from mrr.providers.stripe import decode, split

RECORDED = Path(__file__).parent / "recorded"
# 2024-01-01T00:00:00Z in seconds and the µs of the facts.
START = 1_704_067_200
AT = START * 1_000_000
MONTH = 31 * 86_400


class Recorded(NamedTuple):
    """A recorded body, where it stands, and when it was observed (µs)."""

    place: str
    body: bytes
    observed_at: int


def lines(name: str) -> list[Any]:
    """The rows of a recorded file."""
    with gzip.open(RECORDED / f"{name}.jsonl.gz", "rb") as rows:
        return [json.loads(row) for row in rows]


def events() -> Iterator[Recorded]:
    """The 164 webhook events."""
    for n, row in enumerate(lines("events")):
        yield Recorded(f"event {n}", json.dumps(row["event"]).encode(), AT)


def objects() -> Iterator[Recorded]:
    """The 29 bare objects, lists taken apart."""
    for n, row in enumerate(lines("objects")):
        for body in split(json.dumps(row["object"]).encode()):
            yield Recorded(f"object {n}", body, AT)


def runs() -> Iterator[Recorded]:
    """Every body of the 199 runs as observed when it was recorded, lists taken apart."""
    for n, run in enumerate(lines("runs")):
        for m, step in enumerate(run["steps"]):
            for body in split(json.dumps(step["body"]).encode()):
                yield Recorded(f"run {n} step {m}", body, when(step["recorded_at"]))


def fixtures() -> Iterator[Recorded]:
    """Every object of Stripe's own fixtures at 22 dates."""
    for row in lines("fixtures"):
        for name, resource in row["resources"].items():
            if isinstance(resource, dict):
                for body in split(json.dumps(resource).encode()):
                    yield Recorded(f"{row['source']['date']} {name}", body, AT)


def step(run: int, number: int) -> dict[str, Any]:
    """The body of one recorded step."""
    body: dict[str, Any] = lines("runs")[run]["steps"][number]["body"]
    return body


def when(text: str) -> int:
    """µs of an HTTP date."""
    return int(parsedate_to_datetime(text).timestamp()) * 1_000_000


def price(**fields: Any) -> dict[str, Any]:
    """A monthly price of 20 USD."""
    recurring = {"interval": "month", "interval_count": 1, "usage_type": "licensed"}
    whole = {"id": "price_1", "object": "price", "currency": "usd", "product": "prod_1", "recurring": recurring}
    return {**whole, "unit_amount": 2000, "unit_amount_decimal": "2000", "livemode": True, **fields}


def item(**fields: Any) -> dict[str, Any]:
    """One item of that price."""
    return {"id": "si_1", "object": "subscription_item", "price": price(), "quantity": 1, **fields}


def subscription(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An active subscription with those items, or with one."""
    own = {
        "id": "sub_1",
        "object": "subscription",
        "customer": "cus_1",
        "status": "active",
        "currency": "usd",
        "start_date": START,
        "current_period_start": START,
        "current_period_end": START + MONTH,
        "livemode": True,
    }
    return {**own, "items": {"object": "list", "data": list(items) or [item()], "has_more": False}, **fields}


def event(kind: str, body: Any, previous: Any = None, created: int = START) -> dict[str, Any]:
    """An event of that type about that object."""
    about = {"object": body} if previous is None else {"object": body, "previous_attributes": previous}
    envelope = {"id": "evt_1", "object": "event", "type": kind, "created": created, "livemode": True}
    return {**envelope, "data": about}


def facts(body: Any, observed_at: int = AT) -> list[Fact]:
    """The facts of a body given as a Python object or as bytes."""
    found = decode(body if isinstance(body, bytes) else json.dumps(body).encode(), observed_at)
    assert isinstance(found, list), found
    return found


def snapshot(body: Any, observed_at: int = AT) -> Subscription:
    """The subscription among the facts of a body."""
    first = facts(body, observed_at)[0]
    assert isinstance(first, Subscription)
    return first
