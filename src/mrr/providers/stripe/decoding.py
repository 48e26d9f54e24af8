"""From a body to its facts: which decoder reads it, and the errors it may meet."""

from collections.abc import Callable, Sequence

import msgspec
from msgspec import Raw

from mrr.errors import DecodeError
from mrr.facts import Change, Fact
from mrr.providers.stamp import Irrelevant
from mrr.providers.stripe.catalogue import (
    Facts,
    decode_coupon,
    decode_discount,
    decode_plan,
    decode_price,
    decode_product,
)
from mrr.providers.stripe.customer import decode_customer
from mrr.providers.stripe.envelope import LISTS, Event, event_of, kind_of, opening, readable
from mrr.providers.stripe.invoice import decode_credit_note, decode_invoice
from mrr.providers.stripe.payment import (
    decode_charge,
    decode_checkout,
    decode_dispute,
    decode_payment_intent,
    decode_refund,
)
from mrr.providers.stripe.reading import ABSENT, NULL, Told
from mrr.providers.stripe.reasons import reason_of
from mrr.providers.stripe.subscription import decode_subscription

Decoder = Callable[[bytes | Raw, Told], Facts | list[Fact]]

DECODERS: dict[str, Decoder] = {
    "subscription": decode_subscription,
    "customer": decode_customer,
    "price": decode_price,
    "plan": decode_plan,
    "product": decode_product,
    "coupon": decode_coupon,
    "discount": decode_discount,
    "invoice": decode_invoice,
    "credit_note": decode_credit_note,
    "charge": decode_charge,
    "payment_intent": decode_payment_intent,
    "refund": decode_refund,
    "dispute": decode_dispute,
    "checkout.session": decode_checkout,
}

# Its object is an invoice that does not exist: it says what one would be.
PREVIEWS = ("invoice.upcoming",)
# Events of these types have an object of the kinds above; one without it is broken, not irrelevant.
RELEVANT = (
    "charge.",
    "checkout.session.",
    "coupon.",
    "credit_note.",
    "customer.",
    "invoice.",
    "payment_intent.",
    "plan.",
    "price.",
    "product.",
    "refund.",
)


def decode(body: bytes, observed_at: int) -> Sequence[Fact] | Irrelevant:
    """The facts of an event, or of an object as observed at that instant (µs).

    Raises DecodeError with the path of the field from the root of the body and what is wrong with it.
    """
    try:
        document = readable(body)
        # An event is read once, as an event; anything else is read for its kind first.
        kind = "event" if opening(document) == "event" else kind_of(document).object
        event = event_of(document) if kind == "event" else None
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise reason_of(error, body) from None
    if event is not None:
        return _of_event(event)
    if not kind:
        raise DecodeError("object", "missing: neither an event nor an object of Stripe's API")
    if kind in LISTS:
        raise DecodeError("object", f'expected one event or object, got "{kind}"')
    return _read(document, kind, Told(observed_at, observed_at, by=True))


def _of_event(event: Event) -> Sequence[Fact] | Irrelevant:
    if event.type in PREVIEWS:
        return Irrelevant(event.type)
    at = event.created * 1_000_000
    previous = event.change.previous_attributes
    was = None if previous in (ABSENT, NULL) else previous
    told = Told(at, at, by=False, change=_change(event.type), previous=was, live=event.livemode)
    try:
        kind = _kind(event)
        return _read(event.change.object, kind, told) if kind in DECODERS else Irrelevant(event.type)
    except DecodeError as error:
        raise DecodeError(f"data.object.{error.path}".rstrip("."), error.reason) from None


def _kind(event: Event) -> str:
    """The kind of the event's object; "" where it has none and by its type none is needed."""
    needed = event.type.startswith(RELEVANT)
    if event.change.object in (ABSENT, NULL):
        if needed:
            raise DecodeError("", "missing")
        return ""
    try:
        kind = opening(event.change.object) or kind_of(event.change.object).object
    except msgspec.MsgspecError as error:
        raise reason_of(error, event.change.object) from None
    if kind is None and needed:
        raise DecodeError("object", "missing")
    return kind or ""


def _change(event: str) -> Change:
    """Created, updated or deleted, by the last word of the event's type; every other word is a snapshot."""
    verb = event.rpartition(".")[2]
    return "created" if verb == "created" else "deleted" if verb == "deleted" else "updated"


def _read(body: bytes | Raw, kind: str, told: Told) -> Sequence[Fact] | Irrelevant:
    decoder = DECODERS.get(kind)
    if decoder is None:
        return Irrelevant(kind)
    try:
        return decoder(body, told)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise reason_of(error, body) from None
