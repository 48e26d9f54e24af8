"""Draws what a snapshot sells: items, quantities, tiers, and discounts; and changes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.oracle.grid import GRID, after, iso, upto, when

Fact = dict[str, Any]


@dataclass(frozen=True)
class Features:
    """What drawn stories may hold; switch features off to narrow a failure down."""

    fx: bool = True
    discounts: bool = True
    trials: bool = True
    pauses: bool = True
    cancels: bool = True
    statuses: bool = True
    tiers: bool = True
    metered: bool = True
    often_metered: bool = False
    intervals: bool = True
    several_items: bool = True
    truncated: bool = True
    owners: bool = True
    merges: bool = True
    continues: bool = True
    attributes: bool = True
    same_instant: bool = True
    shuffled: bool = True


TIERS = [
    {"up_to": 2, "unit_amount": "50.00"},
    {"up_to": 10, "unit_amount": "40.00", "flat_amount": "7.00"},
    {"up_to": None, "unit_amount": "30.00", "flat_amount": "11.00"},
]
INTERVALS = (("month", 1), ("month", 1), ("year", 1), ("week", 1), ("day", 1), ("month", 3), ("week", 4), ("day", 30))
AMOUNTS = ("100.00", "60.00", "1200.00", "99.99", "33.333333", "790.00", "0.00")
PERCENTS = ("10", "50", "33.3", "100")
AMOUNTS_OFF = ("5.00", "10.00", "33.33", "0.01", "100.00", "2000.00")


def _offer(draw: st.DrawFn, features: Features, currency: str, metered: bool = False) -> Fact:
    """Product, price, scheme and interval; the price id tells the scheme, as a provider's does."""
    interval, count = draw(st.sampled_from(INTERVALS)) if features.intervals else ("month", 1)
    mode = draw(st.sampled_from(["", "", "", "graduated", "volume"])) if features.tiers else ""
    amount = "0" if mode else draw(st.sampled_from(AMOUNTS))
    if currency == "JPY" and not mode:
        amount = str(int(Decimal(amount)) * 100)
    product = draw(st.sampled_from(["pro", "max"]))
    offer: Fact = {
        "product": product,
        "price": f"{product}-{mode or amount}-{count}{interval}-{currency}{'-m' * metered}",
    }
    offer |= {"unit_amount": amount, "interval": interval, "interval_count": count}
    return offer | ({"tiers": TIERS, "tiers_mode": mode} if mode else {})


def _new_item(draw: st.DrawFn, features: Features, item: str, currency: str) -> Fact:
    metered = features.metered and draw(st.integers(0, 7)) >= (4 if features.often_metered else 7)
    quantity = draw(st.sampled_from([1, 1, 2, 3, 10, 11, 0]))
    kind = {"usage_type": "metered"} if metered else {}
    return {"item": item, **_offer(draw, features, currency, metered), "quantity": quantity, **kind}


def new_items(draw: st.DrawFn, features: Features, subscription: str, currency: str) -> list[Fact]:
    """The items of a first snapshot: one, sometimes two or three; item ids are the subscription's own."""
    count = draw(st.sampled_from([1, 1, 2, 3])) if features.several_items else 1
    return [_new_item(draw, features, f"{subscription}-{letter}", currency) for letter in "ABC"[:count]]


def items_change(draw: st.DrawFn, features: Features, fact: Fact, at: datetime) -> None:
    """One item changes its quantity or offer, joins, leaves, or is replaced."""
    items = fact["items"]
    position = draw(st.integers(0, len(items) - 1))
    kinds = ["quantity", "offer", "both"] + ["join", "leave", "replace"] * features.several_items
    kind = draw(st.sampled_from(kinds))
    if kind in ("quantity", "both"):
        items[position]["quantity"] = draw(st.sampled_from([1, 2, 3, 10, 11, 0]))
    if kind in ("offer", "both"):
        items[position] = _offered(draw, features, fact, items[position])
    if kind == "replace" or (kind == "leave" and len(items) > 1):
        items.pop(position)
    if kind in ("join", "replace") and len(items) < 3:
        unused = [letter for letter in "ABCDE" if all(i["item"][-1] != letter for i in items)]
        item = f"{fact['subscription']}-{draw(st.sampled_from(unused))}"
        items.insert(draw(st.integers(0, len(items))), _new_item(draw, features, item, fact["currency"]))
    if kind == "offer" and draw(st.booleans()):
        fact["period"] = [iso(at), fact["period"][1]] if when(fact["period"][1]) > at else fact["period"]


def _offered(draw: st.DrawFn, features: Features, fact: Fact, item: Fact) -> Fact:
    """An item under another offer; now and then with a billing period of its own."""
    kept = {key: item[key] for key in ("item", "quantity", "usage_type") if key in item}
    own = draw(st.integers(0, 3)) == 3
    offer = _offer(draw, features, fact["currency"], "usage_type" in kept)
    return kept | offer | ({"period": list(fact["period"])} if own else {})


def new_discount(draw: st.DrawFn, fact: Fact, at: datetime) -> None:
    """One more discount, anywhere in the list; ids are not used twice in one list."""
    taken = [discount["id"] for discount in fact["discounts"]]
    unused = [name for name in ("d1", "d2", "d3") if name not in taken]
    if not unused:
        return
    size = draw(st.sampled_from([*(("percent", p) for p in PERCENTS), *(("amount", a) for a in AMOUNTS_OFF)]))
    duration = draw(st.sampled_from(["once", "repeating", "repeating", "forever"]))
    starts = draw(st.sampled_from([at, at, *upto(at)[:9], *(later for later in after(at)[:9] if later in GRID)]))
    scope = draw(st.sampled_from(["subscription", "customer"]))
    discount: Fact = {"id": draw(st.sampled_from(unused)), size[0]: size[1], "duration": duration, "scope": scope}
    discount["starts_at"] = iso(starts)
    if duration == "repeating":
        discount["ends_at"] = iso(draw(st.sampled_from(after(max(at, starts))[:60])))
    fact["discounts"].insert(draw(st.integers(0, len(taken))), discount)


def drop_discount(draw: st.DrawFn, fact: Fact) -> None:
    """One discount goes, or a repeating one is given another end."""
    position = draw(st.integers(0, len(fact["discounts"]) - 1))
    discount = fact["discounts"][position]
    if discount["duration"] == "repeating" and draw(st.booleans()):
        later = after(max(when(discount["starts_at"]), when(fact["effective_at"])))
        discount["ends_at"] = iso(draw(st.sampled_from(later[:60])))
    else:
        fact["discounts"].pop(position)


def drop_passed(fact: Fact, at: datetime) -> None:
    """A provider lists no discount whose end has passed."""
    fact["discounts"] = [d for d in fact["discounts"] if not d.get("ends_at") or when(d["ends_at"]) > at]
