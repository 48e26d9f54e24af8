"""Cells to values: what a text in a column means under a reading, or why it means nothing."""

import re
from collections.abc import Mapping as Named
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NoReturn

from mrr.errors import DecodeError
from mrr.facts import Interval, exact
from mrr.money import CAP, DIGITS
from mrr.period import instant, local_day, micros_of, midnight, next_period, parse_instant
from mrr.providers.tabular.mapping import Reading

Cells = dict[str, str | None]

_ISO_DAY = re.compile(r"(\d{4})[-/]?(\d\d)[-/]?(\d\d)")
_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")
_NUMERIC_DAY = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)")
_AMOUNT = re.compile(r"([-+]?)([A-Z]{3}|[$€£¥])?\s*([\d.,' ]*\d[.,]?)\s*([A-Z]{3}|[$€£¥])?")
_POINT = re.compile(r"\d+(\.\d*)?|\.\d+")
_GROUPED = {"point": re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?"), "comma": re.compile(r"\d{1,3}([. ']\d{3})+(,\d*)?")}
_SYMBOLS = {"€": ("EUR",), "£": ("GBP",), "¥": ("JPY", "CNY")}
_PLACES = 12

INTERVALS: Named[str, tuple[Interval, int]] = {
    "day": ("day", 1),
    "daily": ("day", 1),
    "week": ("week", 1),
    "weekly": ("week", 1),
    "month": ("month", 1),
    "monthly": ("month", 1),
    "quarter": ("month", 3),
    "quarterly": ("month", 3),
    "half_year": ("month", 6),
    "semiannual": ("month", 6),
    "year": ("year", 1),
    "yearly": ("year", 1),
    "annual": ("year", 1),
    "annually": ("year", 1),
}


class Line:
    """One row of a table under its reading. Every reader raises DecodeError with the column and what was expected."""

    __slots__ = ("cells", "reading")

    def __init__(self, reading: Reading, cells: Cells) -> None:
        self.reading = reading
        self.cells = cells

    def column(self, field: str) -> str:
        """The header under which a field stands in this table."""
        return self.reading.columns.get(field) or f"constants.{field}"

    def refuse(self, field: str, reason: str) -> NoReturn:
        """Raise the error of a cell."""
        raise DecodeError(self.column(field), reason)

    def raw(self, field: str) -> str | None:
        """The text of a field, without blanks around it; None where it is absent or one of the words for nothing."""
        column = self.reading.columns.get(field)
        if column is None:
            return self.reading.constants.get(field)
        return self.cell(column)

    def cell(self, column: str) -> str | None:
        """The text in a column, or None for nothing."""
        text = self.cells.get(column)
        if text is None or (text := text.strip()) in self.reading.null:
            return None
        return text

    def text(self, field: str) -> str:
        """The text of a field that must not be empty."""
        found = self.raw(field)
        if found is None:
            self.refuse(field, "empty")
        return found

    def name(self, field: str) -> str:
        """An id. A slash would read as the name of another source, so it becomes a fraction slash."""
        return self.text(field).replace("/", "\N{FRACTION SLASH}")

    def maybe_name(self, field: str) -> str | None:
        """An id, or None."""
        return None if self.raw(field) is None else self.name(field)

    def customer(self) -> str:
        """The customer's id; with its source where the table speaks of another source's customers."""
        name, owner = self.name("customer"), self.reading.customers_of
        return f"{owner}/{name}" if owner else name

    def flag(self, field: str) -> bool | None:
        """True, false, or None for nothing."""
        text = self.raw(field)
        if text is None:
            return None
        if text in self.reading.true:
            return True
        if text not in self.reading.false:
            self.refuse(field, f"neither true nor false: {text!r}")
        return False

    def word(self, field: str, allowed: Named[str, str], default: str) -> str:
        """One of some words, however it is written; `default` for nothing."""
        text = self.raw(field)
        if text is None:
            return default
        if (found := allowed.get(text.lower().replace(" ", "_"))) is None:
            self.refuse(field, f"expected one of {', '.join(dict.fromkeys(allowed.values()))}, got {text!r}")
        return found

    def starts_at(self, field: str) -> int | None:
        """The instant of a date (its local midnight) or time, in µs, or None."""
        text = self.raw(field)
        if text is None:
            return None
        try:
            return _starts_at(text, self.reading.dates, self.reading.timezone)
        except DecodeError as error:
            self.refuse(field, error.reason)

    def must_start(self, field: str) -> int:
        """The instant of a field that must not be empty."""
        found = self.starts_at(field)
        if found is None:
            self.refuse(field, "empty: a date is needed")
        return found

    def ends_at(self, field: str = "ends_on") -> int | None:
        """The exclusive end that a field means, under `ends`."""
        said, zone = self.starts_at(field), self.reading.timezone
        if said is None or self.reading.ends == "exclusive":
            return said
        day = local_day(instant(said), zone)
        last = day + timedelta(days=1) if self.reading.ends == "inclusive" else next_period(day.replace(day=1), "month")
        return micros_of(midnight(last, zone))

    def currency(self, field: str = "currency") -> str:
        """An ISO 4217 code."""
        code = self.text(field).upper()
        if code not in DIGITS:
            self.refuse(field, f"unknown currency {code!r}")
        return code

    def amount(self, field: str, currency: str, *, signed: bool = False) -> Decimal:
        """An exact amount of the currency's major unit."""
        text = self.text(field)
        found = _AMOUNT.fullmatch(text)
        if found is None:
            self.refuse(field, f"no amount: {text!r}")
        sign, before, digits, after = found.groups()
        for symbol in filter(None, (before, after)):
            if not _fits(symbol, currency):
                self.refuse(field, f"{text!r} in a row of {currency}; name the column of the currency")
        number = self._number(field, digits)
        if self.reading.unit == "minor":
            number = number.scaleb(-DIGITS[currency])
        if sign == "-" and not signed and number:
            self.refuse(field, f"expected an amount of at least 0, got {text!r}")
        return exact(-number if sign == "-" else number)

    def number(self, field: str) -> Decimal:
        """An exact number of at least 0."""
        text = self.text(field)
        return exact(self._number(field, text.removeprefix("+")))

    def _number(self, field: str, text: str) -> Decimal:
        plain = _plain(text.strip(), self.reading.decimal)
        if plain is None:
            self.refuse(field, _unclear(text, self.reading.decimal))
        number = Decimal(plain)
        if number > CAP or len(number.as_tuple().digits) > 18 or number != round(number, _PLACES):
            self.refuse(field, f"expected at most 10^10 with 18 digits and {_PLACES} places, got {text!r}")
        return number

    def count(self, field: str) -> int | None:
        """A whole number of at least 0, or None."""
        if self.raw(field) is None:
            return None
        number = self.number(field)
        if number != number.to_integral_value() or number > 10**9:
            self.refuse(field, f"expected a whole number up to 10^9, got {self.raw(field)!r}")
        return int(number)


def _fits(symbol: str, currency: str) -> bool:
    """Whether what is written beside a number may mean the currency of its row; many currencies write $."""
    return symbol == currency or symbol == "$" or currency in _SYMBOLS.get(symbol, ())


def _plain(text: str, decimal: str | None) -> str | None:
    """The number with a point and without grouping; None where it is none, or may mean two things."""
    if decimal != "comma" and _POINT.fullmatch(text):
        return text
    if decimal is None:
        return None
    mark, groups = (".", ",") if decimal == "point" else (",", ". '")
    if _GROUPED[decimal].fullmatch(text):
        text = "".join(letter for letter in text if letter not in groups)
    plain = text.replace(mark, ".")
    return plain if plain.count(".") <= 1 and _POINT.fullmatch(plain) and (mark == "." or "." not in text) else None


def _unclear(text: str, decimal: str | None) -> str:
    if decimal is None and "," in text:
        return f'{text!r} may mean two numbers; say `decimal = "comma"` or `decimal = "point"` in the mapping'
    return f"no number: {text!r}"


@lru_cache(maxsize=100_000)
def _starts_at(text: str, formats: tuple[str, ...], timezone: str) -> int:
    moment = _by_formats(text, formats) if formats else _by_iso(text)
    try:
        if isinstance(moment, datetime):
            told = micros_of(parse_instant(moment, timezone))
        else:
            told = micros_of(midnight(moment, timezone))
    except OverflowError:
        told = -1
    if told < 0 or moment.year >= 9999:
        raise DecodeError("", f"expected a year from 1970 to 9998, got {text!r}")
    return told


def _by_iso(text: str) -> date:
    try:
        if day := _ISO_DAY.fullmatch(text):
            return date(*map(int, day.groups()))
        if _ISO_TIME.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        raise DecodeError("", f"no such day: {text!r}") from None
    raise DecodeError("", _no_iso(text))


def _no_iso(text: str) -> str:
    if numeric := _NUMERIC_DAY.fullmatch(text):
        first, mark, second, year = numeric.groups()
        code = "%Y" if len(year) == 4 else "%y"
        ways = [f"%d{mark}%m{mark}{code}"] * (int(second) <= 12) + [f"%m{mark}%d{mark}{code}"] * (int(first) <= 12)
        if len(ways) == 2 and first != second:
            return f'{text!r} may be two days; say `dates = ["{ways[0]}"]` or `dates = ["{ways[1]}"]` in the mapping'
        if ways:
            return f'no ISO date: {text!r}; say `dates = ["{ways[0]}"]` in the mapping'
    return f'no ISO date: {text!r}; say its format in the mapping, as in `dates = ["%d %b %Y"]`'


def _by_formats(text: str, formats: tuple[str, ...]) -> date:
    found: dict[datetime, str] = {}
    for form in formats:
        try:
            found.setdefault(datetime.strptime(text, form), form)
        except ValueError:
            continue
    if len(found) > 1:
        raise DecodeError("", f"{text!r} is another day under {' and '.join(map(repr, found.values()))}")
    if not found:
        raise DecodeError("", f"{text!r} is no date in any of the formats {', '.join(map(repr, formats))}")
    ((moment, form),) = found.items()
    return moment if re.search(r"%[HIMSfpXcsTR]", form) else moment.date()
