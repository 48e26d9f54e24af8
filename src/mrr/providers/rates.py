"""Exchange rates as journal entries: one unit of a currency in a base on a day, from a named source."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

import msgspec

from mrr.errors import DecodeError, ImportFileError
from mrr.facts import Fact, Rate
from mrr.money import DIGITS
from mrr.providers.stamp import Irrelevant, Stamp


class Quote(msgspec.Struct, frozen=True):
    """The rates of one source and day: units of `base` for one unit of each currency, or the reverse if `inverted`."""

    day: str
    base: str
    values: dict[str, str]
    inverted: bool = False


def bodies(text: str, base: str, place: str) -> Iterator[bytes]:
    """One body a day from a CSV `day,currency,value`. Raises ImportFileError with the line for what is no rate."""
    days: dict[str, dict[str, str]] = {}
    for line, row in enumerate(csv.reader(io.StringIO(text.removeprefix("\ufeff"))), start=1):
        if not row or (line == 1 and row[0].strip().lower() == "day"):
            continue
        day, currency, value = _row(row, f"{place}:{line}")
        days.setdefault(day, {})[currency] = value
    yield from (encode(Quote(day, base, values)) for day, values in sorted(days.items()))


def encode(quote: Quote) -> bytes:
    """The body of a day's rates."""
    return msgspec.json.encode(quote, order="sorted")


def _row(row: Sequence[str], place: str) -> tuple[str, str, str]:
    if len(row) != 3:
        raise ImportFileError(f"{place}: expected day,currency,value, got {','.join(row)!r}")
    day, currency, value = (part.strip() for part in row)
    try:
        _checked(day, currency.upper(), value)
    except DecodeError as error:
        raise ImportFileError(f"{place}: {error}", remedy="Mend the line and import the file again.") from error
    return day, currency.upper(), value


def _checked(day: str, currency: str, value: str) -> tuple[str, Decimal]:
    try:
        if date.fromisoformat(day).year < 1970:
            raise ValueError
    except ValueError as error:
        raise DecodeError("day", f"no date: {day!r}") from error
    if currency not in DIGITS:
        raise DecodeError("currency", f"unknown currency {currency!r}")
    try:
        rate = Decimal(value)
    except InvalidOperation as error:
        raise DecodeError("value", f"no decimal: {value!r}") from error
    if not rate.is_finite() or rate <= 0 or len(rate.as_tuple().digits) > 15:
        raise DecodeError("value", f"expected a positive rate of at most 15 digits, got {value!r}")
    # Beyond this numerator or denominator do not fit the 64 bits of their columns.
    if not -18 < rate.adjusted() < 18 or max(rate.as_integer_ratio()) >= 10**18:
        raise DecodeError("value", f"expected a rate within 18 places, got {value!r}")
    return day, rate


def split(text: bytes) -> Iterator[bytes]:
    """Bodies are made by `bodies`; a file of them is one a line."""
    yield from (line for line in text.splitlines() if line.strip())


def stamp(body: bytes, observed_at: int | None) -> Stamp:
    """Filed under its day and base."""
    try:
        quote = msgspec.json.decode(body, type=Quote)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Stamp("unreadable", "unreadable", observed_at)
    return Stamp(f"{quote.day}/{quote.base}", "rates", observed_at)


def decode(body: bytes, observed_at: int) -> Sequence[Fact] | Irrelevant:
    """One Rate a currency. DecodeError names the field."""
    try:
        quote = msgspec.json.decode(body, type=Quote)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError("", str(error)) from error
    if quote.base not in DIGITS:
        raise DecodeError("base", f"unknown currency {quote.base!r}")
    return [rate(quote, code, value, observed_at) for code, value in sorted(quote.values.items())]


def rate(quote: Quote, code: str, value: str, observed_at: int) -> Rate:
    """The fact that on a quote's day a currency had this value. DecodeError names the field."""
    _, checked = _checked(quote.day, code, value)
    above, below = checked.as_integer_ratio()
    if quote.inverted:
        above, below = below, above
    return Rate(
        effective_at=None,
        observed_at=observed_at,
        day=quote.day,
        currency=code,
        base=quote.base,
        numerator=above,
        denominator=below,
    )
