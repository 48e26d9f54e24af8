"""Reads a story (the mapping of a scenario file) into plain facts, with nothing decided yet."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from tests.oracle.policy import Policy, read_policy

ENDED = frozenset({"canceled", "incomplete_expired"})
MONEY = frozenset({"invoice", "credit_note", "payment"})


@dataclass(frozen=True)
class Tier:
    """One step of a tiered price; `up_to` is inclusive, None for the last one; amounts in major units."""

    up_to: int | None
    unit_amount: Fraction
    flat_amount: Fraction


@dataclass(frozen=True)
class Offer:
    """What is sold: product, price, scheme, interval and currency. Two equal offers are no change of offer."""

    product: str
    price: str
    unit_amount: Fraction
    tiers: tuple[Tier, ...]
    tiers_mode: str
    interval: str | None
    interval_count: int
    currency: str


@dataclass(frozen=True)
class Item:
    """One item of a snapshot; `period` is None where it is the subscription's."""

    item_id: str
    offer: Offer
    quantity: int
    metered: bool
    period: tuple[datetime, datetime] | None


@dataclass(frozen=True)
class Discount:
    """One discount as the snapshot lists it; exactly one of `percent` and `amount` is set."""

    discount_id: str
    percent: Fraction | None
    amount: Fraction | None
    duration: str
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True)
class Snapshot:
    """A subscription fact; `items` are those that hold, also the ones a truncated list left out."""

    subscription: str
    customer: str
    at: datetime
    status: str
    currency: str
    items: tuple[Item, ...]
    discounts: tuple[Discount, ...]
    period: tuple[datetime, datetime] | None
    trial_ends_at: datetime | None
    paused: bool
    resumes_at: datetime | None
    cancel_at_period_end: bool
    cancel_at: datetime | None
    canceled_at: datetime | None
    ended_at: datetime | None
    has_more: bool
    change: str
    previous: dict[str, Any] | None = field(hash=False)
    written: dict[str, Any] = field(hash=False)

    @property
    def ended(self) -> bool:
        """True where the snapshot itself says that the subscription is over."""
        return self.status in ENDED

    def digest(self) -> str:
        """SHA-256 of the canonical JSON of the fact (A1)."""
        return hashlib.sha256(json.dumps(self.written, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class Attribute:
    """One attribute of one customer from `at` on; `at` None: it always held."""

    customer: str
    at: datetime | None
    key: str
    value: str
    digest: str


@dataclass(frozen=True)
class Story:
    """All that one scenario says."""

    policy: Policy
    rates: dict[str, list[tuple[date, Fraction]]]
    snapshots: list[Snapshot]
    attributes: list[Attribute]
    merges: list[tuple[str, str]]
    continues: list[tuple[str, str, datetime]]
    money: list[dict[str, Any]]
    usage: list[dict[str, Any]]
    as_of: datetime


def instant(value: Any) -> datetime | None:
    """A UTC instant from a datetime or an ISO string; None stays None."""
    if value is None:
        return None
    when = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def required_instant(value: Any) -> datetime:
    """Like `instant`, for dates that must be there."""
    when = instant(value)
    if when is None:
        raise ValueError("a date is missing in the story: write effective_at, as_of and at as ISO instants")
    return when


def plain(value: Any) -> str:
    """An attribute value as the word it is compared by: true and "true" are one value."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _period(raw: Any) -> tuple[datetime, datetime] | None:
    return None if raw is None else (required_instant(raw[0]), required_instant(raw[1]))


def _tier(raw: dict[str, Any]) -> Tier:
    return Tier(
        raw.get("up_to"), Fraction(str(raw.get("unit_amount") or 0)), Fraction(str(raw.get("flat_amount") or 0))
    )


def _item(raw: dict[str, Any], currency: str) -> Item:
    offer = Offer(
        product=str(raw.get("product")),
        price=str(raw.get("price")),
        unit_amount=Fraction(str(raw.get("unit_amount") or 0)),
        tiers=tuple(_tier(tier) for tier in raw.get("tiers") or ()),
        tiers_mode=str(raw.get("tiers_mode") or ""),
        interval=raw.get("interval"),
        interval_count=int(raw.get("interval_count") or 1),
        currency=currency,
    )
    quantity = raw.get("quantity")
    metered = raw.get("usage_type") == "metered"
    return Item(str(raw["item"]), offer, 1 if quantity is None else int(quantity), metered, _period(raw.get("period")))


def _discount(raw: dict[str, Any]) -> Discount:
    percent, amount = raw.get("percent"), raw.get("amount")
    return Discount(
        discount_id=str(raw["id"]),
        percent=None if percent is None else Fraction(str(percent)),
        amount=None if amount is None else Fraction(str(amount)),
        duration=str(raw["duration"]),
        starts_at=instant(raw.get("starts_at")),
        ends_at=instant(raw.get("ends_at")),
    )


def _snapshot(raw: dict[str, Any]) -> Snapshot:
    currency = str(raw["currency"])
    pause = raw.get("pause")
    return Snapshot(
        subscription=str(raw["subscription"]),
        customer=str(raw["customer"]),
        at=required_instant(raw["effective_at"]),
        status=str(raw["status"]),
        currency=currency,
        items=tuple(_item(item, currency) for item in raw["items"]),
        discounts=tuple(_discount(discount) for discount in raw.get("discounts") or ()),
        period=_period(raw.get("period")),
        trial_ends_at=instant(raw.get("trial_ends_at")),
        paused=pause is not None or raw["status"] == "paused",
        resumes_at=instant(pause.get("resumes_at")) if pause else None,
        cancel_at_period_end=bool(raw.get("cancel_at_period_end")),
        cancel_at=instant(raw.get("cancel_at")),
        canceled_at=instant(raw.get("canceled_at")),
        ended_at=instant(raw.get("ended_at")),
        has_more=bool(raw.get("has_more")),
        change=str(raw.get("change") or "updated"),
        previous=raw.get("previous"),
        written={key: value for key, value in raw.items() if key not in ("change", "previous")},
    )


def _attributes(raw: dict[str, Any]) -> list[Attribute]:
    digest = hashlib.sha256(json.dumps(raw, sort_keys=True, default=str).encode()).hexdigest()
    at = instant(raw.get("effective_at"))
    pairs = (raw.get("attributes") or {}).items()
    return [Attribute(str(raw["customer"]), at, str(key), plain(value), digest) for key, value in pairs]


def _rates(raw: list[Any]) -> dict[str, list[tuple[date, Fraction]]]:
    rates: dict[str, list[tuple[date, Fraction]]] = {}
    for day, currency, value in raw or []:
        on = day if isinstance(day, date) else date.fromisoformat(str(day))
        rates.setdefault(str(currency), []).append((on, Fraction(str(value))))
    return {currency: sorted(values) for currency, values in rates.items()}


def read_story(raw: dict[str, Any]) -> Story:
    """The story of one scenario mapping; raises ValueError on a fact that the oracle does not know."""
    by_kind: dict[str, list[dict[str, Any]]] = {"subscription": [], "customer": [], "merge": [], "continues": []}
    by_kind["usage"] = []
    money = [fact for fact in raw["facts"] if fact["fact"] in MONEY]
    for fact in raw["facts"]:
        if fact["fact"] in MONEY:
            continue
        if fact["fact"] not in by_kind:
            raise ValueError(f"fact {fact['fact']!r} is out of the oracle's scope: it knows {sorted(by_kind)}")
        by_kind[fact["fact"]].append(fact)
    return Story(
        policy=read_policy(raw.get("policy") or {}),
        rates=_rates(raw.get("rates") or []),
        snapshots=[_snapshot(fact) for fact in by_kind["subscription"]],
        attributes=[attribute for fact in by_kind["customer"] for attribute in _attributes(fact)],
        merges=[(str(fact["from"]), str(fact["into"])) for fact in by_kind["merge"]],
        continues=[(str(f["old"]), str(f["new"]), required_instant(f["at"])) for f in by_kind["continues"]],
        money=money,
        usage=by_kind["usage"],
        as_of=required_instant(raw["as_of"]),
    )
