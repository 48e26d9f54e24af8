"""What the items of a subscription cost a month at an instant: tiers, discounts and their billing periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from tests.oracle.clock import period_end
from tests.oracle.phase import Life
from tests.oracle.policy import Policy
from tests.oracle.story import Discount, Item, Offer, Snapshot

MICRO = Fraction(1, 1_000_000)


@dataclass(frozen=True)
class Term:
    """An item as it is billed: its offer and its quantity."""

    offer: Offer
    quantity: int


@dataclass(frozen=True)
class Bill:
    """All that decides the levels of one subscription's items: its terms, and each discount with whom it covers."""

    terms: dict[str, Term]
    discounts: tuple[tuple[Discount, frozenset[str]], ...]


def billed(term: Term) -> Fraction:
    """The amount of one bill of an item before discounts, in major units (DESIGN §6, A24)."""
    return cost(term.offer, Fraction(term.quantity))


def cost(offer: Offer, quantity: Fraction) -> Fraction:
    """What a quantity, be it a broken one, comes to before discounts, in major units."""
    if not offer.tiers:
        return offer.unit_amount * quantity
    if quantity == 0:
        return Fraction(0)
    if offer.tiers_mode == "volume":
        tier = next(t for t in offer.tiers if t.up_to is None or quantity <= t.up_to)
        return tier.unit_amount * quantity + tier.flat_amount
    total, reached = Fraction(0), Fraction(0)
    for tier in offer.tiers:
        top = quantity if tier.up_to is None else min(quantity, Fraction(tier.up_to))
        if top > reached:
            total += tier.unit_amount * (top - reached) + tier.flat_amount
            reached = top
    return total


def monthly(bill: Bill, policy: Policy) -> dict[str, Fraction]:
    """Every item's exact monthly level in its own currency, in major units.

    Discounts apply in the order of the list, each to what is left (A11); nothing goes below 0 (DESIGN §8).
    """
    often = {
        item: policy.bills_a_month(str(term.offer.interval), term.offer.interval_count)
        for item, term in bill.terms.items()
    }
    left = {item: billed(term) for item, term in bill.terms.items()}
    for discount, covered in bill.discounts:
        items = sorted(covered & set(left))
        if discount.percent is not None:
            for item in items:
                left[item] = max(left[item] * (1 - discount.percent / 100), Fraction(0))
        elif items:
            _take_amount(left, items, often, discount.amount or Fraction(0))
    return {item: left[item] * often[item] for item in left}


def _take_amount(left: dict[str, Fraction], items: list[str], often: dict[str, Fraction], amount: Fraction) -> None:
    """Takes an amount off once per bill of the shortest interval among the items it covers (A11)."""
    shortest = max(often[item] for item in items)
    per_bill = {item: left[item] * often[item] / shortest for item in items}
    shares = split(amount, per_bill)
    for item in items:
        left[item] = max(per_bill[item] - shares[item], Fraction(0)) * shortest / often[item]


def split(amount: Fraction, weights: dict[str, Fraction]) -> dict[str, Fraction]:
    """An amount split pro rata in micros by largest remainder, ties by item id (A10); no more than all of it."""
    total = sum(weights.values(), Fraction(0))
    if amount >= total:
        return dict(weights)
    exact = {item: amount * weight / total / MICRO for item, weight in weights.items()}
    shares = {item: part.numerator // part.denominator for item, part in exact.items()}
    missing = int(amount / MICRO) - sum(shares.values())
    by_remainder = sorted(weights, key=lambda item: (shares[item] - exact[item], item))
    for item in by_remainder[:missing]:
        shares[item] += 1
    return {item: share * MICRO for item, share in shares.items()}


# Which discounts hold.


def _ends_of_hold(life: Life, index: int, item: Item, discount: Discount) -> datetime | None:
    """When a discount that a fact lists stops holding for an item by its own dates; None: never."""
    fact = life.facts[index]
    period = item.period or fact.period
    interval, count = str(item.offer.interval), item.offer.interval_count
    if discount.duration == "once":
        starts = discount.starts_at or _first_listed(life, index, discount)
        # A once discount holds for the billing period in which it starts (A9).
        return None if period is None else period_end(period, interval, count, starts, strictly=True)
    if discount.ends_at is None or discount.duration == "forever":
        return None
    # To the end of the last billing period that starts before its end (DESIGN §8).
    if period is None:
        return discount.ends_at
    return period_end(period, interval, count, discount.ends_at, strictly=False)


def _listed(fact: Snapshot, discount: Discount) -> Discount | None:
    return next((other for other in fact.discounts if other.discount_id == discount.discount_id), None)


def _first_listed(life: Life, index: int, discount: Discount) -> datetime:
    while index > 0 and _listed(life.facts[index - 1], discount) is not None:
        index -= 1
    return life.facts[index].at


def _item(fact: Snapshot, item_id: str) -> Item | None:
    return next((item for item in fact.items if item.item_id == item_id), None)


def _boundary(life: Life, index: int, item: Item, discount: Discount) -> datetime | None:
    """The end of a hold within a fact's span, after what the next fact says of it (A7)."""
    ends = _ends_of_hold(life, index, item, discount)
    later = life.next(index)
    again = _listed(later, discount) if later is not None and not later.ended else None
    if ends is None or later is None or again is None or discount.duration == "once":
        return ends
    if again.ends_at is not None and life.facts[index].at < again.ends_at <= later.at:
        moved = Discount(again.discount_id, None, None, again.duration, again.starts_at, again.ends_at)
        return _ends_of_hold(life, index, item, moved)
    return None if ends < later.at else ends


def holds(life: Life, index: int, item: Item, discount: Discount, at: datetime) -> bool:
    """Whether a discount listed by the fact of an index deducts from an item at an instant in its span (A8)."""
    if discount.starts_at is not None and at < discount.starts_at:
        return False
    ends = _boundary(life, index, item, discount)
    return ends is None or at < ends


def _dropped(life: Life, index: int) -> list[tuple[int, Discount]]:
    """Discounts that no longer stand in a fact's list but in one before, with the last fact that listed them."""
    found: list[tuple[int, Discount]] = []
    seen = {discount.discount_id for discount in life.facts[index].discounts}
    for earlier in range(index - 1, -1, -1):
        for discount in life.facts[earlier].discounts:
            if discount.discount_id not in seen:
                found.append((earlier, discount))
        seen |= {discount.discount_id for discount in life.facts[earlier].discounts}
    return sorted(found, key=lambda pair: (pair[0], life.facts[pair[0]].discounts.index(pair[1])))


def _holds_after_drop(life: Life, listed: int, index: int, item_id: str, discount: Discount, at: datetime) -> bool:
    """Whether a discount that the provider dropped still deducts from an item (A8, A9)."""
    was = _item(life.facts[listed], item_id)
    dropped_at = life.facts[listed + 1].at
    if was is None or (discount.starts_at is not None and at < discount.starts_at):
        return False
    ends = _ends_of_hold(life, listed, was, discount)
    if ends is None or at >= ends:
        return False
    if discount.duration == "once":
        return discount.starts_at is None or discount.starts_at < dropped_at
    if discount.ends_at is None or dropped_at < discount.ends_at:
        return False  # Missing before its end: it was removed (A8).
    run = [_item(fact, item_id) for fact in life.facts[listed : index + 1]]
    return all(item is not None and (item.offer, item.quantity) == (was.offer, was.quantity) for item in run)


def bill_at(life: Life, index: int, at: datetime) -> Bill:
    """The bill of the fact of an index at an instant; what the policy excludes has no part in it (A24)."""
    items = [item for item in life.facts[index].items if not item.metered and item.offer.interval is not None]
    discounts: list[tuple[Discount, frozenset[str]]] = []
    for listed, discount in _dropped(life, index):
        covered = {i.item_id for i in items if _holds_after_drop(life, listed, index, i.item_id, discount, at)}
        discounts.append((discount, frozenset(covered)))
    for discount in life.facts[index].discounts:
        discounts.append((discount, frozenset(i.item_id for i in items if holds(life, index, i, discount, at))))
    deducted = tuple(pair for pair in discounts if life.policy[f"discount.{pair[0].duration}"] == "deduct" and pair[1])
    return Bill({item.item_id: Term(item.offer, item.quantity) for item in items}, deducted)
