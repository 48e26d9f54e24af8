"""The simulator's own exact arithmetic: what a subscription's items are worth a month, in fractions."""

from fractions import Fraction
from typing import NamedTuple

from mrr.simulate.catalogue import MINOR, Coupon, Price

_MONTHS = {"month": Fraction(1), "year": Fraction(12), "week": Fraction(12, 52), "day": Fraction(12, 365)}
MICRO = 1_000_000


class Line(NamedTuple):
    """A licensed item: what decides its amount."""

    item: str
    price: Price
    quantity: int


class Terms(NamedTuple):
    """Why a subscription counts or does not (`state`), its licensed items, and the coupons that lower its bills."""

    state: str
    lines: tuple[Line, ...]
    coupons: tuple[Coupon, ...]


def half_away(amount: Fraction) -> int:
    """`amount`, not negative, rounded to a whole number, halves up."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def bill(price: Price, quantity: int) -> Fraction:
    """What `quantity` of a price costs for one interval before discounts, in major units."""
    if price.tiers:
        minor = Fraction(_tiered(price, quantity))
    else:
        minor = Fraction(price.unit) * quantity
    return minor / MINOR[price.currency]


def _tiered(price: Price, quantity: int) -> int:
    if quantity == 0:
        return 0
    total, below = 0, 0
    for tier in price.tiers:
        top = quantity if tier.up_to is None else min(quantity, tier.up_to)
        if price.tiers_mode == "volume" and top == quantity:
            return quantity * tier.unit + tier.flat
        if price.tiers_mode == "graduated" and top > below:
            total += (top - below) * tier.unit + tier.flat
        below = top
    return total


def monthly(lines: tuple[Line, ...], coupons: tuple[Coupon, ...]) -> dict[str, Fraction]:
    """By item id, the amount a month in major units of its currency, after the coupons in their order."""
    bills = {line.item: bill(line.price, line.quantity) for line in lines}
    for coupon in coupons:
        if coupon.percent is not None:
            bills = {item: amount * (100 - coupon.percent) / 100 for item, amount in bills.items()}
        elif coupon.amount is not None and coupon.currency is not None:
            bills = _less(bills, Fraction(coupon.amount, MINOR[coupon.currency]))
    return {line.item: bills[line.item] / (_MONTHS[line.price.interval] * line.price.count) for line in lines}


def _less(bills: dict[str, Fraction], off: Fraction) -> dict[str, Fraction]:
    """An amount off one bill, shared in whole micros pro rata by largest remainder, ties to the lower item id."""
    total = sum(bills.values(), Fraction(0))
    if total <= off:
        return dict.fromkeys(bills, Fraction(0))
    if len(bills) == 1:
        return {item: amount - off for item, amount in bills.items()}
    whole = half_away(off * MICRO)
    quotas = {item: whole * amount / total for item, amount in bills.items()}
    shares = {item: quota.numerator // quota.denominator for item, quota in quotas.items()}
    by_remainder = sorted(bills, key=lambda item: (shares[item] - quotas[item], item))
    for item in by_remainder[: whole - sum(shares.values())]:
        shares[item] += 1
    return {item: amount - Fraction(shares[item], MICRO) for item, amount in bills.items()}
