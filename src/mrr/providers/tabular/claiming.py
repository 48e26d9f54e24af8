"""Another tool's figures: MRR per customer, or in total, at one time or several, out of a table."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any, NamedTuple

import mrr.providers.tabular.sheets as sheets
from mrr.errors import DecodeError, ImportFileError
from mrr.money import DIGITS, settle
from mrr.period import instant, local_day, micros_of, midnight, next_period
from mrr.providers.tabular.cells import Cells, Line
from mrr.providers.tabular.mapping import EXACT, Reading, Table, check
from mrr.providers.tabular.mapping import Mapping as Told
from mrr.providers.tabular.recognise import AMOUNTS, HEADERS, Usual, plain
from mrr.providers.tabular.sheets import Sheet

# What a claim says is what an opening balance says: whose, when, how much, in which currency.
_TABLE: Table = "opening"
_WHO = (*HEADERS["customer"], "subscriber_id", "customer_external_id", "external_id", "customer_email", "email", "id")
_WHEN = ("month", "date", "day", "period", "as_of", "on", "month_end", "period_end", "balance_date")
_MONTH = re.compile(r"(\d{4})-(\d\d)")
_REMEDY = "Mend it, or say in a mapping how the cells are to be read."


class Claimed(NamedTuple):
    """A figure of another tool. `at`: an exclusive instant in µs, None where none is told; `customer` None: a total."""

    row: int
    customer: str | None
    at: int | None
    label: str
    micros: int
    currency: str


class Claim(NamedTuple):
    """All figures of a table, and in sentences how it was read."""

    rows: list[Claimed]
    columns: dict[str, str]
    assumed: list[str]


def claim(sheet: Sheet, mapping: Told, usual: Usual) -> Claim:
    """The figures of a table. Raises ImportFileError that names row and column, WrongUse for what is no mapping."""
    if not sheet.header:
        raise ImportFileError("row 1: there is no header", remedy="Put a first row with the names of the columns.")
    reading, yearly, assumed = _reading(mapping, sheet.header, usual)
    lines = [(number, Line(reading, _cells(number, row, mapping, reading))) for number, row in sheet.rows]
    if not lines:
        raise ImportFileError("row 1: there is no figure under the header", remedy="Export the table again.")
    monthly = _are_months(lines, reading)
    rows = [_claimed(number, line, yearly=yearly, monthly=monthly) for number, line in lines]
    return Claim(rows, dict(reading.columns), [*assumed, *_times(reading, monthly, rows)])


def _reading(mapping: Told, header: Sequence[str], usual: Usual) -> tuple[Reading, bool, list[str]]:
    """How cells are read, whether amounts are of a year, and what was taken for granted."""
    check(_TABLE, [*mapping.columns, *mapping.constants], mapping.name)
    for column in mapping.columns.values():
        if column not in header:
            _refuse(f"there is no column {column!r}", header)
    columns, per, code = _columns(header)
    if mapping.columns:
        columns, per, code = dict(mapping.columns), None, None
    if "amount" not in columns:
        _refuse("no column is known for MRR", header)
    constants = {"currency": code or usual.currency} | dict(mapping.constants)
    assumed = [f"{columns['amount']} is ARR: a twelfth of it is MRR."] if per == "year" else []
    if "customer" not in columns:
        assumed.append("No column names a customer: these are totals.")
    if "currency" not in {*columns, *mapping.constants}:
        why = f"{columns['amount']} says so" if code else "the currency of the book: no column says otherwise"
        assumed.append(f"Amounts are in {constants['currency']}, {why}.")
    reading = Reading(
        table=_TABLE,
        columns=columns,
        constants=constants,
        attributes={},
        customers_of=mapping.customers_of,
        dates=mapping.dates,
        timezone=mapping.timezone or usual.timezone,
        ends="exclusive",
        decimal=mapping.decimal,
        unit=mapping.unit,
        null=mapping.null,
        true=mapping.true,
        false=mapping.false,
    )
    return reading, per == "year", assumed


def _columns(header: Sequence[str]) -> tuple[dict[str, str], str | None, str | None]:
    """The columns that the header gives to a claim's fields, what the amount is for, and the currency that it names."""
    names = {plain(name): name for name in reversed(header)}
    found = {}
    for field, known in (("customer", _WHO), ("on", _WHEN), ("currency", HEADERS["currency"])):
        column = next((names[name] for name in known if name in names), None)
        if column is not None:
            found[field] = column
    amount = next((name for name in AMOUNTS if name in names), None) or _named_so(names)
    if amount is None:
        return found, None, None
    words = amount.split("_")
    code = words[-1].upper() if words[-1].upper() in DIGITS else None
    return found | {"amount": names[amount]}, AMOUNTS.get(amount, "year" if "arr" in words else "month"), code


def _named_so(names: Mapping[str, str]) -> str | None:
    """A header that speaks of MRR, else of ARR: `mrr_usd`, `ending_mrr`."""
    return next((name for word in ("mrr", "arr") for name in names if word in name.split("_")), None)


def _refuse(reason: str, header: Sequence[str]) -> None:
    remedy = f"Name it in a mapping under [columns]: customer, on, amount, currency. There are {', '.join(header)}."
    raise ImportFileError(f"row 1: {reason}", remedy=remedy)


def _cells(number: int, row: dict[str, Any], mapping: Told, reading: Reading) -> Cells:
    exact = () if mapping.floats == "shortest" else [c for field, c in reading.columns.items() if field in EXACT]
    try:
        return sheets.texts(row, exact)
    except ImportFileError as error:
        raise ImportFileError(f"row {number}, {error}", remedy=error.remedy) from None


def _claimed(number: int, line: Line, *, yearly: bool, monthly: bool) -> Claimed:
    try:
        currency = line.currency()
        micros = settle(Fraction(line.amount("amount", currency, signed=True)) / (12 if yearly else 1), 6, "half_away")
        customer = line.customer() if "customer" in line.reading.columns else None
        at, label = _when(line, monthly=monthly) if "on" in line.reading.columns else (None, "")
    except DecodeError as error:
        raise ImportFileError(f"row {number}, column {error.path}: {error.reason}", remedy=_REMEDY) from error
    return Claimed(number, customer, at, label, micros, currency)


def _when(line: Line, *, monthly: bool) -> tuple[int, str]:
    """The end of the month or day in a cell, or the instant itself; and how it is called."""
    text, timezone = line.text("on"), line.reading.timezone
    if (month := _month(text, line.reading)) is not None:
        return _closing(month, timezone)
    told = line.must_start("on")
    if ":" in text:
        return told, text
    day = local_day(instant(told), timezone)
    if monthly:
        return _closing(day, timezone)
    return micros_of(midnight(next_period(day, "day"), timezone)), f"{day}"


def _month(text: str, reading: Reading) -> date | None:
    """The first day of a month that is told without a day."""
    if reading.dates:
        for form in (form for form in reading.dates if "%d" not in form and "%j" not in form):
            try:
                return datetime.strptime(f"{text} 01", f"{form} %d").date()
            except ValueError:
                continue
        return None
    found = _MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found and 1 <= int(found[2]) <= 12 else None


def _closing(month: date, timezone: str) -> tuple[int, str]:
    return micros_of(midnight(next_period(month.replace(day=1), "month"), timezone)), f"{month:%Y-%m}"


def _are_months(lines: Sequence[tuple[int, Line]], reading: Reading) -> bool:
    """Whether days stand for months: they are in a column of months, and each is the first of one."""
    column = reading.columns.get("on", "")
    days = [line.raw("on") or "" for _, line in lines]
    return "month" in plain(column).split("_") and all(re.fullmatch(r"\d{4}-\d\d-01", day) for day in days)


def _times(reading: Reading, monthly: bool, rows: Sequence[Claimed]) -> Iterator[str]:
    if "on" not in reading.columns:
        return
    column = reading.columns["on"]
    if monthly:
        yield f"{column} names months by their first day; the figure is that of the month's end."
    elif any(_MONTH.fullmatch(row.label) for row in rows):
        yield "A month's figure is that of its end."
    else:
        yield "A day's figure is that of its end, an instant's that of the instant."
    yield f"Days end at midnight in {reading.timezone}."
