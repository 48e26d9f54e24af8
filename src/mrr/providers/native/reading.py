"""What every native fact reads the same way: instants, currencies, amounts, and the places of errors."""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, TypeVar

import mrr.providers.native.shapes as shapes
from mrr import facts
from mrr.errors import DecodeError
from mrr.facts import exact
from mrr.money import CAP, DIGITS
from mrr.period import micros_of, parse_instant

F = TypeVar("F", bound=facts.Fact)
P = TypeVar("P")
Made = TypeVar("Made")

# The finest part of a price, and of what is billed and paid (millionths are kept of that).
PRICE_PLACES, MONEY_PLACES = 12, 6
SIGNIFICANT = 18
_CODES = {written: code for code in DIGITS for written in (code, code.lower())}
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
# Texts repeat: the same prices, the same days. What is longer than any amount or instant is not worth keeping.
_KEPT = 65_536


class Seen(NamedTuple):
    """When a body was observed, and the instant that its envelope tells; µs."""

    observed_at: int
    time: int | None = None


def dated(kind: type[F], told: shapes.Dated, seen: Seen, /, **content: object) -> F:
    """A fact of this kind, effective at its own instant or its envelope's. DecodeError where it needs one."""
    effective_at = instant(told.effective_at, "effective_at")
    if effective_at is None:
        effective_at = seen.time
        if effective_at is None and told.NEEDS_INSTANT:
            raise DecodeError("effective_at", "missing: this fact needs the instant from which it holds")
    return kind(effective_at=effective_at, observed_at=seen.observed_at, precision=told.precision or "exact", **content)


def inside(place: str, error: DecodeError) -> DecodeError:
    """The error as seen from the object around: its path begins with `place`."""
    return DecodeError(f"{place}.{error.path}".strip("."), error.reason)


def each(parts: Iterable[P] | None, field: str, make: Callable[[P], Made]) -> tuple[Made, ...]:
    """What `make` makes of each part of a list; none of a list that is left out. Errors name the part."""
    made: list[Made] = []
    try:
        for part in parts or ():
            made.append(make(part))
    except DecodeError as error:
        raise inside(f"{field}[{len(made)}]", error) from None
    return tuple(made)


class _Impossible(ValueError):
    """Why a text cannot be what its field holds."""


def instant(text: str | None, field: str) -> int | None:
    """An instant in µs; a date is its midnight, and what names no offset is UTC."""
    if text is None:
        return None
    try:
        return _micros(text)
    except _Impossible as wrong:
        raise DecodeError(field, str(wrong)) from None


def period(bounds: tuple[str | None, str | None] | None) -> tuple[int | None, int | None]:
    """The bounds of a period in µs, half-open."""
    if bounds is None:
        return None, None
    starts_at, ends_at = instant(bounds[0], "period[0]"), instant(bounds[1], "period[1]")
    if starts_at is not None and ends_at is not None and ends_at < starts_at:
        raise DecodeError("period", f"ends at {bounds[1]}, before it starts at {bounds[0]}")
    return starts_at, ends_at


@lru_cache(maxsize=_KEPT)
def _micros(text: str) -> int:
    if not _INSTANT.fullmatch(text):
        raise _Impossible(f"no instant: {text[:60]!r}; write 2026-10-31 or 2026-10-31T12:00:00Z")
    try:
        moment = parse_instant(text)
    except Exception as error:
        raise _Impossible(f"no instant: {text!r}") from error
    if not 1970 <= moment.year < 9999:
        raise _Impossible(f"expected a year from 1970 to 9998, got {text!r}")
    return micros_of(moment)


def currency(code: str, field: str = "currency") -> str:
    """The currency in capitals."""
    known = _CODES.get(code)
    if known is None:
        raise DecodeError(field, f"unknown currency {code[:60]!r}; expected an ISO 4217 code such as USD")
    return known


def number(value: str | int, field: str, places: int = PRICE_PLACES) -> Decimal:
    """An amount as it is written, of at most so many places; may be negative."""
    try:
        return _number(value, places)
    except _Impossible as wrong:
        raise DecodeError(field, str(wrong)) from None


def amount(value: str | int, field: str, places: int = PRICE_PLACES) -> Decimal:
    """An amount of at least 0."""
    read = number(value, field, places)
    if str(value).startswith("-"):
        raise DecodeError(field, f"expected an amount from 0 to 10^10, got {value!r}")
    return read


def money(value: str | int | None, field: str) -> Decimal:
    """What was billed, signed, in whole millionths; 0 where it is left out."""
    return Decimal(0) if value is None else number(value, field, MONEY_PLACES)


@lru_cache(maxsize=_KEPT)
def _number(value: str | int, places: int) -> Decimal:
    if isinstance(value, str) and not _DECIMAL.fullmatch(value):
        raise _Impossible(f"no decimal: {value[:60]!r}")
    read = Decimal(value)
    if abs(read) > CAP:
        raise _Impossible(f"expected an amount of at most 10^10, got {read:.3g}")
    whole, _, fraction = str(value).lstrip("-0").partition(".")
    if len(fraction.rstrip("0")) > places:
        raise _Impossible(f"expected at most {places} places, got {value!r}")
    if len((whole + fraction).strip("0")) > SIGNIFICANT:
        raise _Impossible(f"expected at most {SIGNIFICANT} digits, got {value!r}")
    return exact(read) if read else Decimal(0)
