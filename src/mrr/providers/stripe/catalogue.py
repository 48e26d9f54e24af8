"""Prices, plans, products, coupons and discounts: what Stripe's ids stand for."""

from typing import Any, TypeVar

import msgspec

import mrr.providers.stripe.shapes as shapes
from mrr import facts
from mrr.errors import DecodeError
from mrr.facts import Fact, Offer
from mrr.providers.stamp import Irrelevant
from mrr.providers.stripe.reading import Told, amount, currency, id_of, micros, percent, precise
from mrr.providers.stripe.reasons import reason_of

T = TypeVar("T", bound=Fact)
Facts = list[Fact] | Irrelevant

_currency_option = msgspec.json.Decoder(shapes.CurrencyOption)

NOT_EXPANDED = shapes.CurrencyOption()

# Where a subscription lists a discount, it is the subscription's; elsewhere its own fields tell.
SHARED = ("subscription", "subscription_item", "invoice", "invoice_item")


def price_of(price: shapes.Price, at: str, billed: str | None = None) -> Offer:
    """The offer behind a price; `at` is its place, ending in a dot, for errors.

    A price shows its default currency; `billed` is that of the subscription. Where they differ, the amount is that of
    the currency option, unknown where options are not expanded, and the id of the offer names the currency.
    """
    own = currency(price.currency, at)
    code = billed or own
    sold = price if code == own else _option(price, code, f"{at}currency_options.{code.lower()}")
    place = at if code == own else f"{at}currency_options.{code.lower()}."
    packages, recurring = price.transform_quantity, price.recurring
    tiered = price.tiers_mode is not None
    return Offer(
        product=id_of(price.product),
        price=price.id if code == own else f"{price.id}:{code.lower()}",
        currency=code,
        unit_amount=None if tiered else precise(sold.unit_amount_decimal, sold.unit_amount, code, place, "unit_amount"),
        tiers=_tiers(sold.tiers, code, place) if tiered and sold.tiers else (),
        tiers_mode=price.tiers_mode,
        package=packages.divide_by if packages else 1,
        package_up=packages.round == "up" if packages else True,
        interval=recurring.interval if recurring else None,
        interval_count=(recurring.interval_count or 1) if recurring else 1,
        recurring=recurring is not None,
        usage_type=(recurring.usage_type or "licensed") if recurring else "licensed",
    )


def _option(price: shapes.Price, code: str, at: str) -> shapes.CurrencyOption:
    option = (price.currency_options or {}).get(code.lower())
    if option is None:
        return NOT_EXPANDED
    try:
        return _currency_option.decode(option)
    except msgspec.MsgspecError as error:
        wrong = reason_of(error, option)
        raise DecodeError(f"{at}.{wrong.path}".rstrip("."), wrong.reason) from None


def plan_of(plan: shapes.Plan, at: str) -> Offer:
    """The offer behind a plan, which is always recurring; `at` is its place, ending in a dot, for errors."""
    code = currency(plan.currency, at)
    packages = plan.transform_usage
    tiered = plan.tiers_mode is not None
    if plan.interval is None:
        raise DecodeError(f"{at}interval", "missing")
    return Offer(
        product=id_of(plan.product),
        price=plan.id,
        currency=code,
        unit_amount=None if tiered else precise(plan.amount_decimal, plan.amount, code, at, "amount"),
        tiers=_tiers(plan.tiers, code, at) if tiered and plan.tiers else (),
        tiers_mode=plan.tiers_mode,
        package=packages.divide_by if packages else 1,
        package_up=packages.round == "up" if packages else True,
        interval=plan.interval,
        interval_count=plan.interval_count or 1,
        usage_type=plan.usage_type or "licensed",
    )


def _tiers(tiers: list[shapes.Tier], code: str, at: str) -> tuple[facts.Tier, ...]:
    return tuple(_tier(tier, code, f"{at}tiers[{n}].") for n, tier in enumerate(tiers))


def _tier(tier: shapes.Tier, code: str, at: str) -> facts.Tier:
    unit = precise(tier.unit_amount_decimal, tier.unit_amount, code, at, "unit_amount")
    flat = precise(tier.flat_amount_decimal, tier.flat_amount, code, at, "flat_amount")
    zero = amount(0, code, at, "unit_amount")
    return facts.Tier(
        up_to=tier.up_to,
        unit_amount=zero if unit is None else unit,
        flat_amount=zero if flat is None else flat,
    )


def discount_of(discount: shapes.Discount, at: str) -> facts.Discount:
    """A discount with the terms of its coupon, or a reference to the coupon where only its id is given."""
    coupon, place = discount.coupon, f"{at}coupon."
    if coupon is None and discount.source is not None:
        coupon, place = discount.source.coupon, f"{at}source.coupon."
    item = id_of(discount.subscription_item)
    whole = coupon if isinstance(coupon, shapes.Coupon) else None
    return facts.Discount(
        discount=discount.id or _nameless(discount, id_of(coupon), at),
        coupon=id_of(coupon),
        starts_at=micros(discount.start),
        ends_at=micros(discount.end),
        scope="customer" if is_customers(discount) else "subscription",
        items=(item,) if item else (),
        **(_terms(whole, place) if whole else {}),
    )


def _nameless(discount: shapes.Discount, coupon: str | None, at: str) -> str:
    # Discounts have had ids since API 2020-08-27; before, an object has one discount, so this name is unique.
    if coupon is None:
        raise DecodeError(f"{at}id", "missing, and there is no coupon")
    return f"{coupon}@{discount.start}"


def is_customers(discount: shapes.Discount) -> bool:
    """Whether a discount was given to the customer as a whole."""
    return not any(getattr(discount, owner) for owner in SHARED)


def _terms(coupon: shapes.Coupon, at: str) -> dict[str, Any]:
    off = coupon.amount_off
    code = currency(coupon.currency, at) if off is not None else None
    return {
        "percent": percent(coupon.percent_off, at),
        "amount": amount(off, code, at, "amount_off") if off is not None and code else None,
        "currency": code,
        "duration": coupon.duration,
        "products": tuple((coupon.applies_to and coupon.applies_to.products) or ()),
    }


def stamped(kind: type[T], told: Told, /, **content: object) -> T:
    """A fact of this kind, effective and observed as told."""
    return kind(
        effective_at=told.effective_at,
        observed_at=told.observed_at,
        precision="by" if told.by else "exact",
        **content,
    )


def price_facts(price: shapes.Price, told: Told) -> Facts:
    """A price: a catalogue fact for each of its currencies, and one of its product where that is expanded."""
    if price.deleted:
        return Irrelevant("deleted price")
    own = price_of(price, "")
    others = [price_of(price, "", currency(code, "currency_options.", code)) for code in price.currency_options or ()]
    offers = {offer.price: offer for offer in (*others, own)}
    priced: list[Fact] = [stamped(facts.Price, told, price=name, offer=offer) for name, offer in offers.items()]
    return priced + named(price.product, told)


def plan_facts(plan: shapes.Plan, told: Told) -> Facts:
    """A plan: a catalogue fact as a price is."""
    if plan.deleted:
        return Irrelevant("deleted plan")
    return [stamped(facts.Price, told, price=plan.id, offer=plan_of(plan, "")), *named(plan.product, told)]


def named(product: str | shapes.Product | None, told: Told) -> list[Fact]:
    """The name of a product where it is expanded."""
    if isinstance(product, shapes.Product) and product.name is not None:
        return [stamped(facts.Product, told, product=product.id, name=product.name)]
    return []


def product_facts(product: shapes.Product, told: Told) -> Facts:
    """A product: its name."""
    if product.deleted:
        return Irrelevant("deleted product")
    return [stamped(facts.Product, told, product=product.id, name=product.name)]


def coupon_facts(coupon: shapes.Coupon, told: Told) -> Facts:
    """A coupon: what references to it take off. Deleting one ends no discount, so that says nothing."""
    if coupon.deleted:
        return Irrelevant("deleted coupon")
    terms = _terms(coupon, "")
    return [stamped(facts.Coupon, told, coupon=coupon.id, months=coupon.duration_in_months, **terms)]


def discount_facts(discount: shapes.Discount, told: Told) -> Facts:
    """What a discount id stands for; and the customer's discount, if it is neither a subscription's nor a bill's."""
    deleted = discount.deleted or told.change == "deleted"
    nameless = discount.deleted and not discount.id
    given = () if nameless else (discount_of(discount, ""),)
    found: list[Fact] = [stamped(facts.DiscountGiven, told, discount=each) for each in given]
    customer = id_of(discount.customer)
    if customer and is_customers(discount):
        standing = () if deleted else given
        found.append(stamped(facts.CustomerDiscount, told, customer=customer, discounts=standing))
    return found or Irrelevant("deleted discount")
