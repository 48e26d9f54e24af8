"""Facts in our own words, as JSON: scenario files, in-house billing, and the edits that people make."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from mrr.errors import DecodeError, ImportFileError
from mrr.facts import (
    Continues,
    Customer,
    CustomerDiscount,
    Discount,
    Fact,
    Item,
    Merge,
    Offer,
    Price,
    Subscription,
    Tier,
    content_digest,
    exact,
)
from mrr.money import CAP, DIGITS
from mrr.period import micros_of, parse_instant
from mrr.providers.stamp import Irrelevant, Stamp

Body = Mapping[str, Any]


def split(text: bytes) -> Iterator[bytes]:
    """A JSON array, or one JSON document a line."""
    try:
        if text.lstrip()[:1] == b"[":
            yield from (bytes(part) for part in msgspec.json.decode(text, type=list[msgspec.Raw]))
        else:
            yield from (line for line in text.splitlines() if line.strip())
    except msgspec.DecodeError as error:
        raise ImportFileError(f"the file is no JSON array: {error}", remedy="Write one fact a line.") from error


def stamp(body: bytes, observed_at: int | None) -> Stamp:
    """Filed under the fact's `key`, else under the digest of its bytes."""
    digest = hashlib.sha256(body).hexdigest()
    try:
        fact = msgspec.json.decode(body)
        return Stamp(str(fact.get("key") or digest), str(fact["fact"]), _instant(fact, "effective_at"))
    except (msgspec.DecodeError, UnicodeDecodeError, AttributeError, KeyError, DecodeError, RecursionError):
        return Stamp(digest, "unreadable", observed_at)


def decode(body: bytes, observed_at: int) -> Sequence[Fact] | Irrelevant:
    """The fact that a body states. DecodeError names the field."""
    try:
        plain = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError("", f"no JSON: {error}") from error
    if not isinstance(plain, dict) or str(plain.get("fact")) not in _KINDS:
        raise DecodeError("fact", f"expected one of {', '.join(_KINDS)}")
    return [_KINDS[plain["fact"]](plain, observed_at)]


def _subscription(body: Body, observed_at: int) -> Subscription:
    fact = _snapshot(body, observed_at)
    previous = body.get("previous")
    if previous is None:
        return fact
    if not isinstance(previous, dict):
        raise DecodeError("previous", f"expected an object, got {previous!r}")
    before = _snapshot({**body, **previous}, observed_at)
    return msgspec.structs.replace(fact, prior=content_digest(before))


def _snapshot(body: Body, observed_at: int) -> Subscription:
    period_starts_at, period_ends_at = _period(body)
    pause = body.get("pause")
    currency = _currency(body, "currency")
    effective_at = _instant(body, "effective_at")
    if effective_at is None:
        raise DecodeError("effective_at", "a subscription fact needs the instant from which it holds")
    return Subscription(
        effective_at=effective_at,
        observed_at=observed_at,
        precision=_one_of(body, "precision", ("exact", "by")) if "precision" in body else "exact",
        subscription=_text(body, "subscription"),
        customer=_text(body, "customer"),
        status=_one_of(body, "status", _STATUSES),
        currency=currency,
        items=tuple(_item(item, path, currency) for item, path in _parts(body, "items")),
        truncated=bool(body.get("has_more", False)),
        discounts=_discounts(body, currency),
        started_at=_instant(body, "started_at"),
        period_starts_at=period_starts_at,
        period_ends_at=period_ends_at,
        trial_ends_at=_instant(body, "trial_ends_at"),
        paused=pause is not None,
        resumes_at=_instant(pause, "resumes_at", "pause.") if isinstance(pause, dict) else None,
        cancel_at_period_end=bool(body.get("cancel_at_period_end", False)),
        cancel_at=_instant(body, "cancel_at"),
        canceled_at=_instant(body, "canceled_at"),
        ended_at=_instant(body, "ended_at"),
        involuntary=_one_of(body, "involuntary", (None, True, False)),
        change=_one_of(body, "change", (None, "created", "updated", "deleted")),
    )


def _item(body: Body, path: str, currency: str) -> Item:
    period_starts_at, period_ends_at = _period(body, path)
    offer, quantity = _offer(body, path, currency), _count(body.get("quantity", 1), f"{path}.quantity", 0)
    dearest = max((offer.unit_amount or Decimal(0), *(tier.unit_amount for tier in offer.tiers)))
    if quantity * dearest > CAP:
        raise DecodeError(f"{path}.quantity", f"{quantity} at {dearest} are more than 10^10")
    return Item(
        item=_text(body, "item", path),
        offer=offer,
        quantity=quantity,
        period_starts_at=period_starts_at,
        period_ends_at=period_ends_at,
    )


def _period(body: Body, path: str = "") -> tuple[int | None, int | None]:
    place, period = f"{path}.period" if path else "period", body.get("period") or (None, None)
    if not isinstance(period, (list, tuple)) or len(period) != 2:
        raise DecodeError(place, f"expected two instants, got {period!r}")
    return _at(period[0], f"{place}[0]"), _at(period[1], f"{place}[1]")


def _parts(body: Body, key: str, path: str = "") -> Iterator[tuple[Body, str]]:
    """The objects of a list, each with its path; one that is left out is empty."""
    place, parts = f"{path}.{key}" if path else key, body.get(key, ())
    if not isinstance(parts, (list, tuple)):
        raise DecodeError(place, f"expected a list, got {parts!r}")
    for number, part in enumerate(parts):
        if not isinstance(part, dict):
            raise DecodeError(f"{place}[{number}]", f"expected an object, got {part!r}")
        yield part, f"{place}[{number}]"


def _offer(body: Body, path: str, currency: str) -> Offer:
    tiers = tuple(_tier(tier, place) for tier, place in _parts({"tiers": body.get("tiers") or ()}, "tiers", path))
    amount = body.get("unit_amount")
    return Offer(
        product=_maybe_text(body, "product", path),
        price=_maybe_text(body, "price", path),
        currency=str(body.get("currency") or currency),
        unit_amount=None if amount is None else _amount(amount, f"{path}.unit_amount"),
        tiers=tiers,
        tiers_mode=_one_of(body, "tiers_mode", (None, "graduated", "volume"), path),
        interval=_one_of(body, "interval", _INTERVALS, path) if "interval" in body else None,
        interval_count=_count(body.get("interval_count", 1), f"{path}.interval_count", 1),
        recurring="interval" in body or "price" in body,
        usage_type=_one_of(body, "usage_type", ("licensed", "metered"), path) if "usage_type" in body else "licensed",
    )


def _tier(body: Body, path: str) -> Tier:
    up_to = body.get("up_to")
    return Tier(
        up_to=None if up_to is None else _count(up_to, f"{path}.up_to", 0),
        unit_amount=_amount(body.get("unit_amount", "0"), f"{path}.unit_amount"),
        flat_amount=_amount(body.get("flat_amount", "0"), f"{path}.flat_amount"),
    )


def _discounts(body: Body, currency: str) -> tuple[Discount, ...]:
    return tuple(_discount(part, path, currency) for part, path in _parts(body, "discounts"))


def _discount(body: Body, path: str, currency: str) -> Discount:
    percent, amount = body.get("percent"), body.get("amount")
    return Discount(
        discount=_text(body, "id", path),
        percent=None if percent is None else _amount(percent, f"{path}.percent"),
        amount=None if amount is None else _amount(amount, f"{path}.amount"),
        currency=str(body.get("currency") or currency) if amount is not None else None,
        duration=_one_of(body, "duration", ("once", "repeating", "forever"), path),
        starts_at=_instant(body, "starts_at", f"{path}."),
        ends_at=_instant(body, "ends_at", f"{path}."),
        scope=_one_of({"scope": "subscription", **body}, "scope", ("subscription", "customer"), path),
        items=_names(body, "items", path),
        products=_names(body, "products", path),
    )


def _customer(body: Body, observed_at: int) -> Customer:
    told = body.get("attributes") or {}
    if not isinstance(told, dict):
        raise DecodeError("attributes", f"expected an object, got {told!r}")
    attributes = {str(key): _attribute(value) for key, value in told.items()}
    effective_at = _instant(body, "effective_at")
    return Customer(
        effective_at=effective_at, observed_at=observed_at, customer=_text(body, "customer"), attributes=attributes
    )


def _attribute(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _customer_discount(body: Body, observed_at: int) -> CustomerDiscount:
    return CustomerDiscount(
        effective_at=_instant(body, "effective_at"),
        observed_at=observed_at,
        customer=_text(body, "customer"),
        discounts=_discounts(body, str(body.get("currency", "USD"))),
    )


def _price(body: Body, observed_at: int) -> Price:
    return Price(
        effective_at=_instant(body, "effective_at"),
        observed_at=observed_at,
        price=_text(body, "price"),
        offer=_offer(body, "", _currency(body, "currency")),
    )


def _merge(body: Body, observed_at: int) -> Merge:
    return Merge(effective_at=None, observed_at=observed_at, customer=_text(body, "from"), into=_text(body, "into"))


def _continues(body: Body, observed_at: int) -> Continues:
    at = _instant(body, "at")
    if at is None:
        raise DecodeError("at", "a continuation needs the instant at which it takes over")
    return Continues(effective_at=at, observed_at=observed_at, old=_text(body, "old"), new=_text(body, "new"))


_KINDS = {
    "subscription": _subscription,
    "customer": _customer,
    "customer_discount": _customer_discount,
    "price": _price,
    "merge": _merge,
    "continues": _continues,
}
_STATUSES = ("trialing", "active", "past_due", "unpaid", "paused", "incomplete", "incomplete_expired", "canceled")
_INTERVALS = ("day", "week", "month", "year")
_MOST = 10**9
_PLACES = 12


def _text(body: Body, key: str, path: str = "") -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise DecodeError(f"{path}.{key}" if path else key, f"expected text, got {value!r}")
    return value


def _maybe_text(body: Body, key: str, path: str) -> str | None:
    return None if body.get(key) is None else _text(body, key, path)


def _names(body: Body, key: str, path: str) -> tuple[str, ...]:
    names = body.get(key, ())
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise DecodeError(f"{path}.{key}", f"expected a list of texts, got {names!r}")
    return tuple(names)


def _one_of(body: Body, key: str, allowed: Sequence[Any], path: str = "") -> Any:
    value = body.get(key)
    # 1 equals True, and is another thing.
    if value not in allowed or isinstance(value, int) is not isinstance(value, bool):
        words = ", ".join(str(word).lower() for word in allowed if word is not None)
        raise DecodeError(f"{path}.{key}" if path else key, f"expected one of {words}, got {value!r}")
    return value


def _currency(body: Body, key: str) -> str:
    code = str(body.get(key, "")).upper()
    if code not in DIGITS:
        raise DecodeError(key, f"unknown currency {body.get(key)!r}")
    return code


def _count(value: Any, path: str, least: int) -> int:
    if isinstance(value, int) and value > _MOST:
        raise DecodeError(path, f"expected at most {_MOST}, got {value}")
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise DecodeError(path, f"expected a whole number of at least {least}, got {value!r}")
    return value


def _amount(value: Any, path: str) -> Decimal:
    if isinstance(value, (bool, float)):
        raise DecodeError(path, f"expected an amount as text, got {value!r}")
    try:
        amount = exact(str(value))
    except ArithmeticError as error:
        raise DecodeError(path, f"no decimal: {value!r}") from error
    if not amount.is_finite() or amount < 0 or amount > CAP or len(amount.as_tuple().digits) > 18:
        raise DecodeError(path, f"expected an amount from 0 to 10^10 with at most 18 digits, got {value!r}")
    if amount and amount != round(amount, _PLACES):
        raise DecodeError(path, f"expected at most {_PLACES} places, got {value!r}")
    return amount


def _instant(body: Body, key: str, path: str = "") -> int | None:
    return _at(body.get(key), f"{path}{key}")


def _at(value: Any, path: str) -> int | None:
    if value is None:
        return None
    try:
        moment = parse_instant(value)
    except Exception as error:
        raise DecodeError(path, f"no instant: {value!r}") from error
    if not 1970 <= moment.year < 9999:
        raise DecodeError(path, f"expected a year from 1970 to 9998, got {value!r}")
    return micros_of(moment)
