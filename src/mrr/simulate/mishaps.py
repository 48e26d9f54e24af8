"""What can go wrong between a provider and a book, done to a stream of events; no detector sees any of this."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from mrr.simulate.state import Body

# How long a delivery is on its way, in seconds.
ON_ITS_WAY = 2
MINUTE, HOUR = 60, 3600
# As what the events are imported.
SOURCE = "stripe"
_LIVES = ("customer.subscription.updated", "customer.subscription.deleted")
_ENDED = ("canceled", "incomplete_expired")


class Sent(NamedTuple):
    """An event and when (epoch seconds) its delivery arrives."""

    at: int
    event: Body

    @property
    def body(self) -> bytes:
        """The bytes of the delivery."""
        return msgspec.json.encode(self.event)


class Stretch(NamedTuple):
    """Half-open, in epoch seconds."""

    starts_at: int
    ends_at: int

    def holds(self, one: Sent) -> bool:
        """Whether a delivery was to arrive in it."""
        return self.starts_at <= one.at < self.ends_at


Mishap = Callable[[Sequence[Sent], Stretch], list[Sent]]


def sent(events: Iterable[Body]) -> list[Sent]:
    """The events as they arrive where nothing goes wrong."""
    return [Sent(event["created"] + ON_ITS_WAY, event) for event in events]


def lost(stream: Sequence[Sent], stretch: Stretch) -> list[Sent]:
    """F1: the endpoint is down, and the provider gives up."""
    return [one for one in stream if not stretch.holds(one)]


def doubled(stream: Sequence[Sent], stretch: Stretch) -> list[Sent]:
    """F2: everything is told twice, a minute apart, the second time under another id."""
    again = [
        Sent(one.at + MINUTE, {**one.event, "id": f"{one.event['id']}_again"}) for one in stream if stretch.holds(one)
    ]
    return _in_order([*stream, *again])


def misprorated(stream: Sequence[Sent], stretch: Stretch) -> list[Sent]:
    """F3: what is billed for a part of a period is half as much again."""
    return [Sent(one.at, _overbilled(one.event)) if stretch.holds(one) else one for one in stream]


def corrected(stream: Sequence[Sent], stretch: Stretch, at: int) -> list[Sent]:
    """What the provider tells once it has mended its prorations: each invoice concerned again, as it should be."""
    last = {one.event["data"]["object"]["id"]: one.event for one in parts(stream, stretch)}
    return [
        Sent(at, {**event, "id": f"{event['id']}_mended", "type": "invoice.updated", "created": at})
        for event in last.values()
    ]


def parts(stream: Sequence[Sent], stretch: Stretch) -> list[Sent]:
    """The deliveries of a stretch whose invoice bills a part of a period."""
    return [one for one in stream if stretch.holds(one) and _overbilled(one.event) is not one.event]


def delayed(stream: Sequence[Sent], stretch: Stretch) -> list[Sent]:
    """F5: deliveries queue up at the provider and all arrive when the stretch is over."""
    return _in_order(Sent(stretch.ends_at, one.event) if stretch.holds(one) else one for one in stream)


def drifting(stream: Sequence[Sent], stretch: Stretch) -> list[Sent]:
    """F6: subscriptions change and nobody is told, as after a change to the endpoint's list of kinds."""
    return [one for one in stream if not (stretch.holds(one) and one.event["type"] in _LIVES)]


def stormed(stream: Sequence[Sent], stretch: Stretch) -> list[Sent]:
    """A storm of retries: what came in the day before comes again, ten times over, out of order, within the stretch."""
    day = Stretch(stretch.starts_at - 24 * HOUR, stretch.starts_at)
    known = [one for one in stream if day.holds(one)]
    room = max(1, stretch.ends_at - stretch.starts_at)
    again = [
        Sent(stretch.starts_at + (place * 7919 + turn * 104_729) % room, one.event)
        for turn in range(10)
        for place, one in enumerate(known)
    ]
    return _in_order([*stream, *again])


def outage(stream: Sequence[Sent], stretch: Stretch) -> list[Sent]:
    """The gateway is down: every charge fails, and succeeds at the retry once the stretch is over."""
    return _in_order(told for one in stream for told in (_failing(one, stretch) if stretch.holds(one) else [one]))


def listed(stream: Sequence[Sent], at: int) -> bytes:
    """The provider's own list of subscriptions at an instant: what is, whatever was delivered."""
    last: dict[str, Body] = {}
    for one in stream:
        if one.event["created"] > at:
            break
        if one.event["type"].startswith("customer.subscription."):
            body = one.event["data"]["object"]
            last[body["id"]] = body
    alive = [body for body in last.values() if body["status"] not in _ENDED]
    return msgspec.json.encode({"object": "list", "data": alive, "has_more": False, "url": "/v1/subscriptions"})


def _in_order(stream: Iterable[Sent]) -> list[Sent]:
    return sorted(stream, key=lambda one: one.at)


def _overbilled(event: Body) -> Body:
    """The event with its prorations half as much again; itself where there are none."""
    body = event["data"]["object"]
    if body["object"] != "invoice" or not any(map(_is_part, body["lines"]["data"])):
        return event
    lines = [{**line, "amount": line["amount"] * 3 // 2} if _is_part(line) else line for line in body["lines"]["data"]]
    return {**event, "data": {**event["data"], "object": {**body, "lines": {**body["lines"], "data": lines}}}}


def _is_part(line: Body) -> bool:
    parent = (line.get("parent") or {}).get("subscription_item_details") or {}
    return bool((line.get("proration") or parent.get("proration")) and line["amount"])


def _failing(one: Sent, stretch: Stretch) -> Iterator[Sent]:
    """A successful charge as a failed one now and a success later; what follows of the success waits with it."""
    kind, body = one.event["type"], one.event["data"]["object"]
    if kind == "charge.succeeded":
        failed = {
            **body,
            "id": f"{body['id']}_failed",
            "status": "failed",
            "paid": False,
            "captured": False,
            "amount_captured": 0,
            "failure_code": "processing_error",
            "failure_message": "An error occurred while processing your card.",
        }
        event = {**one.event, "id": f"{one.event['id']}_failed", "type": "charge.failed"}
        yield Sent(one.at, {**event, "data": {"object": failed}})
    if kind in ("charge.succeeded", "payment_intent.succeeded", "invoice.paid"):
        later = stretch.ends_at + (one.at - stretch.starts_at) // 24
        yield Sent(later + ON_ITS_WAY, {**one.event, "created": later})
    else:
        yield one
