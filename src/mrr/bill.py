"""What a bill comes to, exactly: tiers, packages, discounts in their order. No rounding but the split of A10."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import msgspec

MICROS = 1_000_000


class BillTier(msgspec.Struct, frozen=True):
    """A tier; amounts are decimal strings of major units, `up_to` None is the last one."""

    up_to: int | None = None
    unit_amount: str = "0"
    flat_amount: str = "0"


class BillItem(msgspec.Struct, frozen=True):
    """An item on a bill: its price for `quantity`, once per `months` (a ratio); `tiers` are JSON."""

    item: str
    quantity: int
    unit_num: int
    unit_den: int
    months_num: int
    months_den: int
    offer: str = ""
    tiers: str | None = None
    tiers_mode: str | None = None
    package: int = 1
    package_up: bool = True

    @property
    def months(self) -> Fraction:
        """The length of the item's billing period in months."""
        return Fraction(self.months_num, self.months_den)


class BillDiscount(msgspec.Struct, frozen=True):
    """A discount in force and the items that it covers: what it keeps (a ratio) or what it takes off (micros)."""

    covers: tuple[str, ...]
    keep_num: int | None = None
    keep_den: int | None = None
    amount_micros: int | None = None


class Bill(msgspec.Struct, frozen=True):
    """The items of a subscription on which it stands at one instant, and the discounts in their order."""

    items: tuple[BillItem, ...]
    discounts: tuple[BillDiscount, ...] = ()


def decode(text: str) -> Bill:
    """A bill from its JSON."""
    return _decoder.decode(text)


_decoder = msgspec.json.Decoder(Bill)
_tiers = msgspec.json.Decoder(tuple[BillTier, ...])


def net(bill: Bill) -> dict[str, Fraction]:
    """Per item the exact amount of one of its own periods after all discounts, in major units, never below 0."""
    left = {item.item: gross(item) for item in bill.items}
    for discount in bill.discounts:
        covered = [item for item in bill.items if item.item in discount.covers]
        if discount.amount_micros is None:
            kept = Fraction(discount.keep_num or 0, discount.keep_den or 1)
            left |= {item.item: left[item.item] * kept for item in covered}
        else:
            left |= _take_off(discount.amount_micros, covered, left)
    return left


def gross(item: BillItem, used: Fraction | None = None) -> Fraction:
    """The undiscounted amount of one billing period; of what was used, if that is told, be it a broken quantity.

    A tiered item costs 0 at quantity 0 (A24).
    """
    packages = item.quantity if used is None else used
    if item.package > 1:
        packages = -(-packages // item.package) if item.package_up else packages // item.package
    if item.tiers is None:
        return Fraction(item.unit_num, item.unit_den) * packages
    if packages == 0:
        return Fraction(0)
    tiers = _tiers.decode(item.tiers)
    return _volume(tiers, packages) if item.tiers_mode == "volume" else _graduated(tiers, packages)


def _volume(tiers: Sequence[BillTier], quantity: int | Fraction) -> Fraction:
    tier = next((t for t in tiers if t.up_to is None or quantity <= t.up_to), tiers[-1])
    return Fraction(tier.unit_amount) * quantity + Fraction(tier.flat_amount)


def _graduated(tiers: Sequence[BillTier], quantity: int | Fraction) -> Fraction:
    edges = [0, *(quantity if tier.up_to is None else tier.up_to for tier in tiers)]
    total = Fraction(0)
    for tier, (starts, ends) in zip(tiers, pairwise(edges), strict=True):
        if quantity > starts:
            total += Fraction(tier.unit_amount) * (min(quantity, ends) - starts) + Fraction(tier.flat_amount)
    return total


def _take_off(amount: int, covered: Sequence[BillItem], left: dict[str, Fraction]) -> dict[str, Fraction]:
    """An amount-off, taken once per bill of the shortest interval among the items it covers (A11)."""
    if not covered:
        return {}
    shortest = min(item.months for item in covered)
    bills = {item.item: shortest / item.months for item in covered}
    due = {item: left[item] * share for item, share in bills.items()}
    shares = _split(amount, due)
    return {item: max(due[item] - Fraction(shares[item], MICROS), Fraction(0)) / bills[item] for item in due}


def _split(amount: int, due: dict[str, Fraction]) -> dict[str, int]:
    """Micros pro rata by largest remainder, ties by item id (A10); the shares add up exactly."""
    total = sum(due.values(), Fraction(0))
    if total == 0:
        return dict.fromkeys(due, 0)
    exact = {item: amount * value / total for item, value in due.items()}
    shares = {item: int(value) for item, value in exact.items()}
    most = sorted(exact, key=lambda item: (shares[item] - exact[item], item))
    for item in most[: amount - sum(shares.values())]:
        shares[item] += 1
    return shares


def steps(before: Bill, after: Bill) -> dict[str, tuple[Fraction, Fraction]]:
    """For items on both bills their net amounts a month after the offer step and after the quantity step (A16).

    All items take each step together, under the earlier discounts; who enters or leaves does so in the offer step.
    What remains to the later level is `discount`.
    """
    earlier = {item.item: item for item in before.items}
    offered = tuple(
        msgspec.structs.replace(item, quantity=earlier[item.item].quantity) if item.item in earlier else item
        for item in after.items
    )
    entered = tuple(item.item for item in after.items if item.item not in earlier)
    discounts = tuple(
        msgspec.structs.replace(discount, covers=discount.covers + entered) for discount in before.discounts
    )
    first, second = net(Bill(offered, discounts)), net(Bill(after.items, discounts))
    return {
        item.item: (first[item.item] / item.months, second[item.item] / item.months)
        for item in after.items
        if item.item in earlier
    }
