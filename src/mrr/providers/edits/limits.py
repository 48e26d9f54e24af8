"""What a fact may hold that a person states: amounts, numbers, instants and codes that their columns can keep."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from mrr import balance, facts
from mrr.errors import DecodeError
from mrr.money import CAP, DIGITS
from mrr.period import OPEN_END, micros_of

_LAST = micros_of(OPEN_END.replace(month=1, day=1))
_RATIO = range(1, 10**18)
_COUNT, _POSITIVE = range(10**9 + 1), range(1, 10**9 + 1)
_RANGES = {"numerator": _RATIO, "denominator": _RATIO, "package": _POSITIVE, "interval_count": _POSITIVE}
_NEVER_NEGATIVE = ("unit_amount", "flat_amount", "percent")
_NEED_INSTANT: tuple[type, ...] = (
    facts.Subscription,
    facts.Invoice,
    facts.Payment,
    facts.Checkout,
    facts.Usage,
    facts.Cost,
)
_NEED_INSTANT += (balance.Payout, balance.BalanceLine)
_PLACES, _DIGITS = 12, 18


def stated(fact: facts.Fact, place: str) -> None:
    """Nothing, where a fact has its instant and every value is within bounds. DecodeError names what is not so."""
    if fact.effective_at is None and isinstance(fact, _NEED_INSTANT):
        raise DecodeError(f"{place}.effective_at", "missing: this fact needs the instant from which it holds")
    _checked(fact, place)


def _checked(part: Any, place: str) -> None:
    for name, value in _fields(part):
        path = f"{place}[{name}]" if isinstance(name, int) else f"{place}.{name}"
        if isinstance(value, (msgspec.Struct, tuple, dict)):
            _checked(value, path)
        elif value is not None and not isinstance(value, bool):
            _check(str(name), value, path)


def _fields(part: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(part, msgspec.Struct):
        yield from ((name, getattr(part, name)) for name in part.__struct_fields__)
    else:
        yield from part.items() if isinstance(part, dict) else enumerate(part)


def _check(name: str, value: int | str | Decimal, path: str) -> None:
    if isinstance(value, Decimal):
        expected = _amount(name, value)
    elif isinstance(value, int):
        expected = _number(name, value)
    else:
        expected = _text(name, value)
    if expected:
        raise DecodeError(path, f"expected {expected}, got {str(value)[:60]!r}")


def _amount(name: str, value: Decimal) -> str:
    if not value.is_finite() or abs(value) > CAP:
        return "an amount of at most 10^10"
    if name in _NEVER_NEGATIVE and value < 0:
        return "an amount of at least 0"
    if name == "percent" and value > 100:
        return "a percentage"
    normal = value.normalize().as_tuple()
    fine = int(normal.exponent) >= -_PLACES and len(normal.digits) <= _DIGITS
    return "" if fine else f"at most {_PLACES} places and {_DIGITS} digits"


def _number(name: str, value: int) -> str:
    if name.endswith("_at"):
        return "" if 0 <= value < _LAST else "an instant from 1970 to 9998"
    bounds = _RANGES.get(name, _COUNT)
    return "" if value in bounds else f"a whole number from {bounds[0]} to {bounds[-1]}"


def _text(name: str, value: str) -> str:
    if "\0" in value:
        return "a text without NUL"
    if name in ("currency", "base") and value and value not in DIGITS:
        return "an ISO 4217 code such as USD"
    return "a day such as 2026-10-31" if name == "day" and not _is_day(value) else ""


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).year >= 1970
    except ValueError:
        return False
