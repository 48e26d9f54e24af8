"""From a body to its facts: which decoder reads it, and the errors it may meet."""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw

import mrr.providers.stripe.billing_shapes as billing
import mrr.providers.stripe.catalogue as catalogue
import mrr.providers.stripe.payment as payment
import mrr.providers.stripe.payout as payout
import mrr.providers.stripe.shapes as shapes
from mrr.errors import DecodeError
from mrr.facts import Change, Fact
from mrr.providers.stamp import Irrelevant
from mrr.providers.stripe.customer import customer_facts
from mrr.providers.stripe.envelope import LARGEST, LISTS, Event, Whole, event_of, kind_of, opening, readable
from mrr.providers.stripe.invoice import credit_note_facts, invoice_facts
from mrr.providers.stripe.reading import ABSENT, NULL, Told
from mrr.providers.stripe.reasons import reason_of
from mrr.providers.stripe.subscription import subscription_facts


class Reader(NamedTuple):
    """What reads an object of a kind, alone and where it stands in an event, and what it says."""

    alone: msgspec.json.Decoder[Any]
    in_event: msgspec.json.Decoder[Any]
    facts: Callable[[Any, Told], Sequence[Fact] | Irrelevant]


_FACTS: dict[str, tuple[type, Callable[[Any, Told], Sequence[Fact] | Irrelevant]]] = {
    "subscription": (shapes.Subscription, subscription_facts),
    "customer": (shapes.Customer, customer_facts),
    "price": (shapes.Price, catalogue.price_facts),
    "plan": (shapes.Plan, catalogue.plan_facts),
    "product": (shapes.Product, catalogue.product_facts),
    "coupon": (shapes.Coupon, catalogue.coupon_facts),
    "discount": (shapes.Discount, catalogue.discount_facts),
    "invoice": (billing.Invoice, invoice_facts),
    "credit_note": (billing.CreditNote, credit_note_facts),
    "charge": (billing.Charge, payment.charge_facts),
    "payment_intent": (billing.PaymentIntent, payment.payment_intent_facts),
    "refund": (billing.Refund, payment.refund_facts),
    "dispute": (billing.Dispute, payment.dispute_facts),
    "checkout.session": (billing.CheckoutSession, payment.checkout_facts),
    "payout": (billing.Payout, payout.payout_facts),
    "balance_transaction": (billing.BalanceTransaction, payout.balance_facts),
}
READERS = {
    kind: Reader(msgspec.json.Decoder(shape), msgspec.json.Decoder(Whole[shape]), facts)  # type: ignore[valid-type]
    for kind, (shape, facts) in _FACTS.items()
}
# An event as Stripe writes it: what comes before its object has no braces, and the object begins with id and kind.
_EVENT = re.compile(
    rb'\{\s*"id"\s*:\s*"\w+"\s*,\s*"object"\s*:\s*"event"[^{}]*"data"\s*:\s*\{\s*"object"\s*:\s*'
    rb'\{\s*"id"\s*:\s*"\w+"\s*,\s*"object"\s*:\s*"(?P<object>[\w.]+)"'
)

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
    "payout.",
    "plan.",
    "price.",
    "product.",
    "refund.",
)


def decode(body: bytes, observed_at: int) -> Sequence[Fact] | Irrelevant:
    """The facts of an event, or of an object as observed at that instant (µs).

    Raises DecodeError with the path of the field from the root of the body and what is wrong with it.
    """
    found = at_once(body)
    return step_by_step(body, observed_at) if found is None else found


def at_once(body: bytes) -> Sequence[Fact] | Irrelevant | None:
    """The facts of an event that is written as Stripe writes them, read once; None where anything is out of the way."""
    told = _EVENT.match(body)
    reader = READERS.get(told["object"].decode()) if told else None
    if reader is None or len(body) > LARGEST:
        return None
    try:
        if not body.isascii():
            body.decode()
        event = reader.in_event.decode(body)
        return Irrelevant(event.type) if event.type in PREVIEWS else reader.facts(event.change.object, _told(event))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, DecodeError):
        return None


def step_by_step(body: bytes, observed_at: int) -> Sequence[Fact] | Irrelevant:
    """The facts of any body, or what is wrong with it and where."""
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


def _told(event: Event | Whole[Any]) -> Told:
    at = event.created * 1_000_000
    previous = event.change.previous_attributes
    was = None if previous in (ABSENT, NULL) else previous
    return Told(at, at, by=False, change=_change(event.type), previous=was, live=event.livemode)


def _of_event(event: Event) -> Sequence[Fact] | Irrelevant:
    if event.type in PREVIEWS:
        return Irrelevant(event.type)
    try:
        kind = _kind(event)
        return _read(event.change.object, kind, _told(event)) if kind in READERS else Irrelevant(event.type)
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
    reader = READERS.get(kind)
    if reader is None:
        return Irrelevant(kind)
    try:
        return reader.facts(reader.alone.decode(body), told)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise reason_of(error, body) from None
