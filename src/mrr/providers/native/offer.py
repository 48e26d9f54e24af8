"""What is sold and what is taken off: items, prices, coupons, discounts."""

from collections.abc import Callable
from decimal import Decimal

import mrr.providers.native.reading as reading
import mrr.providers.native.shapes as shapes
from mrr import facts
from mrr.errors import DecodeError
from mrr.money import CAP

WHOLE = Decimal(100)


def item(told: shapes.Item, currency: str) -> facts.Item:
    """An item of a subscription in this currency. Without interval and price id it is paid once."""
    quantity = 1 if told.quantity is None else told.quantity
    recurring = told.interval is not None or told.price is not None
    offered = _offer(told, currency if told.currency is None else reading.currency(told.currency), recurring)
    dearest = max((offered.unit_amount or Decimal(0), *(tier.unit_amount for tier in offered.tiers)))
    if quantity * dearest > CAP:
        raise DecodeError("quantity", f"{quantity} at {dearest} are more than 10^10")
    starts_at, ends_at = reading.period(told.period)
    return facts.Item(
        item=told.item, offer=offered, quantity=quantity, period_starts_at=starts_at, period_ends_at=ends_at
    )


def _offer(told: shapes.Item | shapes.Price, currency: str, recurring: bool) -> facts.Offer:
    amount = told.unit_amount
    return facts.Offer(
        product=told.product,
        price=told.price,
        currency=currency,
        unit_amount=None if amount is None else reading.amount(amount, "unit_amount"),
        tiers=reading.each(told.tiers, "tiers", _tier),
        tiers_mode=told.tiers_mode,
        interval=told.interval,
        interval_count=1 if told.interval_count is None else told.interval_count,
        recurring=recurring,
        usage_type=told.usage_type or "licensed",
    )


def _tier(told: shapes.Tier) -> facts.Tier:
    return facts.Tier(
        up_to=told.up_to,
        unit_amount=reading.amount(_or_nothing(told.unit_amount), "unit_amount"),
        flat_amount=reading.amount(_or_nothing(told.flat_amount), "flat_amount"),
    )


def _or_nothing(amount: str | int | None) -> str | int:
    return 0 if amount is None else amount


def price(told: shapes.Price, seen: reading.Seen) -> facts.Fact:
    """What a price id stands for."""
    offered = _offer(told, reading.currency(told.currency), recurring=told.interval is not None)
    return reading.dated(facts.Price, told, seen, price=told.price, offer=offered)


def product(told: shapes.Product, seen: reading.Seen) -> facts.Fact:
    """The name of a product."""
    return reading.dated(facts.Product, told, seen, product=told.product, name=told.name)


def coupon(told: shapes.Coupon, seen: reading.Seen) -> facts.Fact:
    """What a coupon takes off: a percentage, or an amount of its own currency."""
    percent, amount, currency = _taken_off(told, None)
    if percent is None and amount is None:
        raise DecodeError("percent", "missing: a coupon takes off a percentage or an amount")
    if (told.months is not None) is not (told.duration == "repeating"):
        raise DecodeError("months", f"{'missing' if told.months is None else 'unexpected'} with {told.duration!r}")
    return reading.dated(
        facts.Coupon,
        told,
        seen,
        coupon=told.coupon,
        percent=percent,
        amount=amount,
        currency=currency,
        duration=told.duration,
        months=told.months,
        products=tuple(told.products or ()),
    )


def discount(told: shapes.Discount, currency: str | None) -> facts.Discount:
    """A discount on a bill of this currency: its terms, or a reference where it takes nothing off by itself."""
    percent, amount, code = _taken_off(told, currency)
    if told.duration is None and (percent is not None or amount is not None):
        raise DecodeError("duration", "missing: for how long is it taken off?")
    return facts.Discount(
        discount=told.id,
        coupon=told.coupon,
        percent=percent,
        amount=amount,
        currency=code,
        duration=told.duration,
        starts_at=reading.instant(told.starts_at, "starts_at"),
        ends_at=reading.instant(told.ends_at, "ends_at"),
        scope=told.scope or "subscription",
        items=tuple(told.items or ()),
        products=tuple(told.products or ()),
    )


Taken = tuple[Decimal | None, Decimal | None, str | None]


def _taken_off(told: shapes.Coupon | shapes.Discount, currency: str | None) -> Taken:
    """Percentage, or amount and its currency."""
    code = currency if told.currency is None else reading.currency(told.currency)
    if told.percent is not None and told.amount is not None:
        raise DecodeError("amount", "a discount takes off a percentage or an amount, not both")
    if told.percent is not None:
        return _percent(told.percent), None, None
    if told.amount is None:
        return None, None, None
    if code is None:
        raise DecodeError("currency", "missing: which currency is the amount in?")
    return None, reading.amount(told.amount, "amount", reading.MONEY_PLACES), code


def _percent(value: str | int) -> Decimal:
    percent = reading.amount(value, "percent")
    if percent > WHOLE:
        raise DecodeError("percent", f"expected a percentage from 0 to 100, got {value!r}")
    return percent


def on_bill(currency: str | None) -> Callable[[shapes.Discount], facts.Discount]:
    """`discount` for a bill of this currency."""
    return lambda told: discount(told, currency)


def discount_given(told: shapes.DiscountGiven, seen: reading.Seen) -> facts.Fact:
    """What a discount id stands for."""
    try:
        given = discount(told.discount, None)
    except DecodeError as error:
        raise reading.inside("discount", error) from None
    return reading.dated(facts.DiscountGiven, told, seen, discount=given)


def customer_discount(told: shapes.CustomerDiscount, seen: reading.Seen) -> facts.Fact:
    """All discounts of a customer."""
    currency = None if told.currency is None else reading.currency(told.currency)
    listed = reading.each(told.discounts, "discounts", on_bill(currency))
    return reading.dated(facts.CustomerDiscount, told, seen, customer=told.customer, discounts=listed)
