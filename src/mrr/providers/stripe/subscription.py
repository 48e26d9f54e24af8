"""Subscriptions: a snapshot with all items, in every shape since API 2019-08-14."""

from decimal import Decimal

import msgspec

import mrr.providers.stripe.shapes as shapes
from mrr import facts
from mrr.errors import DecodeError
from mrr.facts import Fact, Item, Offer, content_digest
from mrr.money import CAP
from mrr.providers.stripe.catalogue import discount_of, named, plan_of, price_of, stamped
from mrr.providers.stripe.prior import restored
from mrr.providers.stripe.reading import Told, currency, id_of, micros, period

Span = tuple[int | None, int | None]
# Place, discount or its id, and the item that it is confined to.
Listed = tuple[str, str | shapes.Discount, str | None]
INVOLUNTARY: dict[str | None, bool] = {
    "cancellation_requested": False,
    "payment_failed": True,
    "payment_disputed": True,
}


def subscription_facts(shape: shapes.Subscription, told: Told) -> list[Fact]:
    """The snapshot, and what is expanded in it: discounts, products, prices with tiers."""
    offers, listed = _offers(shape), _listed(shape)
    snapshot = _snapshot(shape, offers, listed, told)
    if told.previous is not None:
        prior = _prior(shape, offers, snapshot, told, told.previous)
        snapshot = msgspec.structs.replace(snapshot, prior=prior)
    return [snapshot, *_expanded(shape, listed, snapshot.items, told)]


def _prior(
    shape: shapes.Subscription, offers: list[Offer], now: facts.Subscription, told: Told, previous: msgspec.Raw
) -> str | None:
    """The digest of the state before, or None where it cannot be restored to something that can be read."""
    try:
        was = restored(shape, previous)
        if was is shape:
            return content_digest(now)
        same = was.items is shape.items and was.currency == shape.currency
        return content_digest(_snapshot(was, offers if same else _offers(was), _listed(was), told))
    except (msgspec.MsgspecError, DecodeError, RecursionError, UnicodeDecodeError):
        return None


def _offers(shape: shapes.Subscription) -> list[Offer]:
    billed = currency(shape.currency, "") if shape.currency is not None else None
    return [_offer(item, f"items.data[{n}].", billed) for n, item in enumerate(shape.items.elements)]


def _snapshot(shape: shapes.Subscription, offers: list[Offer], listed: list[Listed], told: Told) -> facts.Subscription:
    span = _span(shape)
    pause, details = shape.pause_collection, shape.cancellation_details
    return facts.Subscription(
        effective_at=told.effective_at,
        observed_at=told.observed_at,
        precision="by" if told.by else "exact",
        subscription=shape.id,
        customer=id_of(shape.customer) or "",
        status=shape.status,
        currency=_currency(shape, offers),
        items=tuple([_item(n, item, offers[n], span) for n, item in enumerate(shape.items.elements)]),
        truncated=shape.items.has_more,
        discounts=tuple([_discount(*entry) for entry in listed]),
        started_at=micros(shape.start_date or shape.created or shape.start),
        period_starts_at=span[0],
        period_ends_at=span[1],
        trial_ends_at=micros(shape.trial_end),
        paused=pause is not None or shape.status == "paused",
        resumes_at=micros(pause.resumes_at) if pause else None,
        cancel_at_period_end=bool(shape.cancel_at_period_end),
        cancel_at=micros(shape.cancel_at),
        canceled_at=micros(shape.canceled_at),
        ended_at=micros(shape.ended_at),
        involuntary=INVOLUNTARY.get(details.reason) if details else None,
        test=(told.live if shape.livemode is None else shape.livemode) is False,
        change=told.change,
    )


def _currency(shape: shapes.Subscription, offers: list[Offer]) -> str:
    """Its own; or that of the items, since subscriptions have had one only from API 2022-08-01 on."""
    if shape.currency is not None:
        return currency(shape.currency, "")
    named_by_items = next((offer.currency for offer in offers if offer.currency), None)
    if named_by_items is None:
        raise DecodeError("currency", "missing, and no item names one")
    return named_by_items


def _span(shape: shapes.Subscription) -> Span:
    """The subscription's billing period; where only the items have one, theirs if it is the same for all."""
    own = period(shape.current_period_start, shape.current_period_end)
    if own[0] is not None or shape.items.has_more:
        return own
    of_items = {period(item.current_period_start, item.current_period_end) for item in shape.items.elements}
    return of_items.pop() if len(of_items) == 1 else (None, None)


def _item(n: int, item: shapes.SubscriptionItem, offer: Offer, span: Span) -> Item:
    own = period(item.current_period_start, item.current_period_end)
    starts_at, ends_at = (None, None) if own == span else own
    # A metered item without a quantity has used nothing that this snapshot knows of.
    assumed = 0 if offer.usage_type == "metered" else 1
    quantity = assumed if item.quantity is None else item.quantity
    _check_size(offer, quantity, f"items.data[{n}].quantity")
    return Item(item=item.id, offer=offer, quantity=quantity, period_starts_at=starts_at, period_ends_at=ends_at)


def _check_size(offer: Offer, quantity: int, at: str) -> None:
    units = -(-quantity // offer.package)
    if units <= 1:
        return  # A single unit was held to the cap when its amount was read.
    largest = offer.unit_amount or max((tier.unit_amount for tier in offer.tiers), default=Decimal(0))
    if abs(largest) * units > CAP:
        raise DecodeError(at, f"{quantity:,} at {largest:f} {offer.currency} are more than {CAP:,} {offer.currency}")


def _offer(item: shapes.SubscriptionItem, at: str, billed: str | None) -> Offer:
    """The terms from the price; from the plan where there is no price; a price id alone is a reference."""
    price, plan = item.price, item.plan
    if isinstance(price, shapes.Price):
        return price_of(price, f"{at}price.", billed)
    if isinstance(plan, shapes.Plan):
        return plan_of(plan, f"{at}plan.")
    reference = price or plan
    if reference is None:
        raise DecodeError(f"{at}price", "missing, and there is no plan")
    return Offer(price=reference)


def _listed(shape: shapes.Subscription) -> list[Listed]:
    """Every discount with its place and its item: those of items first, as Stripe bills them, then the others."""
    of_items: list[Listed] = [
        (f"items.data[{n}].discounts[{m}].", discount, item.id)
        for n, item in enumerate(shape.items.elements)
        for m, discount in enumerate(item.discounts or ())
    ]
    first = shape.discount
    if not shape.discounts:
        return [*of_items, ("discount.", first, None)] if first else of_items
    # Where both are given, `discount` is the first of `discounts`, and may be the one of them that is expanded.
    return of_items + [
        ("discount.", first, None) if first and discount == first.id else (f"discounts[{n}].", discount, None)
        for n, discount in enumerate(shape.discounts)
    ]


def _discount(at: str, discount: str | shapes.Discount, item: str | None) -> facts.Discount:
    items = (item,) if item else ()
    if isinstance(discount, str):
        return facts.Discount(discount=discount, items=items)
    return msgspec.structs.replace(discount_of(discount, at), scope="subscription", items=items)


def _expanded(shape: shapes.Subscription, listed: list[Listed], items: tuple[Item, ...], told: Told) -> list[Fact]:
    found: list[Fact] = []
    for item, known in zip(shape.items.elements, items, strict=True):
        sold = item.price if isinstance(item.price, shapes.Price) else item.plan
        if isinstance(sold, shapes.Price | shapes.Plan):
            found += named(sold.product, told)
            # Webhooks never expand tiers, so the snapshots that do are where the catalogue learns them.
            if known.offer.tiers:
                found.append(stamped(facts.Price, told, price=known.offer.price, offer=known.offer))
    for at, discount, _ in listed:
        if isinstance(discount, shapes.Discount):
            found.append(stamped(facts.DiscountGiven, told, discount=discount_of(discount, at)))
    return found
