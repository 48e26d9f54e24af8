"""What every decoder reads the same way: instants, currencies, amounts and references."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, Protocol

from msgspec import Raw

from mrr.errors import DecodeError
from mrr.facts import Change, exact
from mrr.money import CAP, DIGITS

# Where Stripe's minor unit is not ISO 4217's. Its page on currencies (docs.stripe.com/currencies, "Special cases")
# keeps ISK and UGX at two decimals that are always 00, although it lists UGX as zero-decimal too, and takes MGA whole.
STRIPE_DIGITS: dict[str, int] = {**DIGITS, "ISK": 2, "UGX": 2, "MGA": 0}
# Stripe writes currencies small.
_CODES = {written: code for code in STRIPE_DIGITS for written in (code, code.lower())}

SIGNIFICANT = 18
# Stripe gives at most 12 places; what has more is no amount of Stripe's.
_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,12})?", re.ASCII)


# Undecoded JSON that is not there, and that is null.
ABSENT, NULL = Raw(b""), Raw(b"null")


class Told(NamedTuple):
    """Who said it and when: instants in µs; `previous` is the raw `previous_attributes` of an event."""

    effective_at: int
    observed_at: int
    by: bool
    change: Change | None = None
    previous: Raw | None = None
    live: bool | None = None


class Impossible(ValueError):
    """A number that is well-typed and cannot be; the message is the reason of a DecodeError."""


def micros(seconds: int | None) -> int | None:
    """Epoch seconds as µs."""
    return None if seconds is None else seconds * 1_000_000


def period(starts: int | None, ends: int | None) -> tuple[int | None, int | None]:
    """A half-open period in µs. One that does not end after it starts is none: nothing can be billed for it."""
    if starts is None or ends is None or ends <= starts:
        return None, None
    return starts * 1_000_000, ends * 1_000_000


class Linked(Protocol):
    """An expanded object, known by its id."""

    id: str


def id_of(link: str | Linked | None) -> str | None:
    """The id behind a link that may be an id or the expanded object; an empty one is none."""
    if link is None or isinstance(link, str):
        return link or None
    return link.id


def currency(code: str | None, at: str, field: str = "currency") -> str:
    """The currency in capitals; `at` and `field` name the place in an error."""
    known = _CODES.get(code or "")
    if known is None:
        raise DecodeError(f"{at}{field}", "missing" if code is None else f'expected an ISO 4217 currency, got "{code}"')
    return known


@lru_cache(maxsize=65_536)
def _major(minor: int | str, digits: int) -> Decimal:
    text = str(minor)
    if not _DECIMAL.fullmatch(text):
        raise Impossible(f'expected a decimal number of at most 12 places, got "{text[:40]}"')
    if len(text.lstrip("-").replace(".", "").strip("0")) > SIGNIFICANT:
        raise Impossible(f"expected at most {SIGNIFICANT} significant digits, got {text}")
    major = Decimal(text).scaleb(-digits)
    if abs(major) > CAP:
        raise Impossible(f"expected at most {CAP:,} units of the currency, got {major.normalize():,f}")
    return exact(major) if major else Decimal(0)


def amount(minor: int | str, code: str, at: str, field: str) -> Decimal:
    """Minor units of a currency as exact major units, at most 10^10 of them and 18 significant digits."""
    try:
        return _major(minor, STRIPE_DIGITS[code])
    except Impossible as wrong:
        raise DecodeError(f"{at}{field}", str(wrong)) from None


def precise(decimal: str | None, minor: int | None, code: str, at: str, field: str) -> Decimal | None:
    """An amount from its decimal field (up to 12 places), else from the integer one; None where it has neither."""
    if decimal is not None:
        return amount(decimal, code, at, f"{field}_decimal")
    return None if minor is None else amount(minor, code, at, field)


def percent(number: Decimal | None, at: str) -> Decimal | None:
    """A percentage from 0 to 100."""
    if number is None:
        return None
    if not number.is_finite() or not 0 <= number <= 100 or len(number.as_tuple().digits) > SIGNIFICANT:
        raise DecodeError(f"{at}percent_off", f"expected 0 to 100, got {number}")
    return exact(number)
