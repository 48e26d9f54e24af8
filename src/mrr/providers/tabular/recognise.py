"""Headers to a reading: what a column is taken for where the mapping does not say, and what is assumed besides."""

import difflib
import re
from collections.abc import Mapping as Named
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from mrr.errors import ImportFileError, WrongUse
from mrr.money import DIGITS, currency
from mrr.period import zone
from mrr.providers.tabular.mapping import FIELDS, TABLES, Mapping, Reading, Table, check

# Per field of ours, the headers that mean it, in lower case with `_`; the first that is there is taken.
HEADERS: Named[str, Sequence[str]] = {
    "customer": ("customer_id", "customer", "account_id", "account", "client_id", "client", "company_id", "company",
                 "user_id", "organization_id", "organisation_id", "customer_name", "account_name"),
    "subscription": ("subscription_id", "subscription", "sub_id", "contract_id", "contract", "contract_number"),
    "item": ("item_id", "item", "subscription_item_id", "line_item_id"),
    "product": ("product_id", "product", "plan_id", "plan", "plan_name", "plan_tier", "product_name", "sku"),
    "price": ("price_id",),
    "quantity": ("quantity", "qty", "seats", "licenses", "licences", "units"),
    "currency": ("currency", "currency_code", "ccy"),
    "per": ("interval", "billing_interval", "billing_frequency", "billing_period", "billing_cycle", "frequency"),
    "starts_on": ("start_date", "started_at", "start", "starts_at", "starts_on", "period_start", "valid_from",
                  "from_date", "term_start", "contract_start", "service_start", "start_at"),
    "ends_on": ("end_date", "ended_at", "end", "ends_at", "ends_on", "period_end", "valid_to", "to_date", "term_end",
                "contract_end", "service_end", "end_at", "canceled_at", "cancelled_at", "expires_at"),
    "trial": ("is_trial", "trial"),
    "renews": ("auto_renew", "auto_renewal", "auto_renew_flag", "renews"),
    "ended": ("ended", "is_cancelled", "is_canceled", "removed"),
    "base": ("base", "base_currency", "to_currency"),
    "value": ("rate", "value", "fx_rate", "exchange_rate"),
    "invoice": ("invoice_id", "invoice", "invoice_number"),
    "line": ("line_id", "invoice_line_id", "line_number", "line", "balance_transaction_id"),
    "tax": ("tax", "tax_amount", "vat"),
    "discount": ("discount", "discount_amount"),
    "status": ("status", "state", "outcome", "result"),
    "payment": ("payment_id", "payment", "charge_id", "transaction_id"),
    "failure_code": ("failure_code", "decline_code", "error_code"),
    "kind": ("kind", "type", "reporting_category"),
    "payout": ("payout_id", "payout", "automatic_payout_id"),
    "fee": ("fee", "fees"),
    "of": ("source_id", "of"),
    "available_on": ("available_on", "available_at"),
    "service": ("service", "vendor", "cost_center", "cost_centre"),
    "cost": ("cost_id",),
    "meter": ("meter", "metric", "event_name"),
    "usage": ("usage_id", "event_id"),
    "proration": ("proration", "is_proration"),
    "recurring": ("recurring", "is_recurring"),
}  # fmt: skip
_ON = ("date", "day", "on")
DAYS: Named[Table, Sequence[str]] = {
    "changes": ("effective_date", "effective_at", "changed_at", "change_date", "changed_on", *_ON, "created_at"),
    "customers": ("attributes_from",),
    "opening": ("balance_date", "as_of", *_ON),
    "rates": _ON,
    "invoice_lines": ("invoice_date", "issued_at", "issue_date", "issued_on", *_ON, "created_at"),
    "payments": ("payment_date", "paid_at", "paid_on", "attempted_at", *_ON, "created_at"),
    "payouts": ("sent_at", "sent_on", "payout_date", *_ON, "created_at", "created"),
    "balance_lines": (*_ON, "created_at", "created"),
    "costs": ("cost_date", "usage_date", *_ON),
    "usage": ("usage_date", "used_at", "timestamp", *_ON),
}
# What an amount is for, by its header: of a month, of a year, of one unit, or only an amount.
AMOUNTS: Named[str, str | None] = {
    "mrr": "month", "mrr_amount": "month", "monthly_amount": "month", "monthly_price": "month",
    "monthly_recurring_revenue": "month", "amount_per_month": "month", "monthly_fee": "month",
    "arr": "year", "arr_amount": "year", "annual_amount": "year", "acv": "year", "yearly_amount": "year",
    "annual_contract_value": "year", "tcv": "period", "total_contract_value": "period", "contract_value": "period",
    "unit_price": None, "unit_amount": None, "price_per_seat": None, "price_per_unit": None,
    "amount": None, "price": None, "plan_amount": None, "value": None, "total": None, "cost": None, "fee": None,
}  # fmt: skip
_OF_ONE = ("unit_price", "unit_amount", "price_per_seat", "price_per_unit")
ATTRIBUTES = ("segment", "country", "region", "industry", "channel", "size", "referral_source", "name",
              "plan_tier", "tier", "source", "test", "is_test", "internal")  # fmt: skip
_NAMES = {"is_test": "test", "account_name": "name", "customer_name": "name"}
# What tells a table, most telling first: it has a header of each group.
_SIGNS: Named[Table, Sequence[Sequence[str]]] = {
    "invoice_lines": (("invoice",), ("customer",), ("amount",), ("on",)),
    "balance_lines": (("line",), ("kind",), ("amount",), ("fee",), ("on",)),
    "payments": (("payment",), ("amount",), ("on",)),
    "payouts": (("payout",), ("amount",), ("on",)),
    "rates": (("currency",), ("value",), ("on",)),
    "usage": (("customer",), ("meter", "usage"), ("quantity",), ("on",)),
    "costs": (("service",), ("amount",), ("on",)),
    "contracts": (("customer",), ("starts_on",), ("ends_on",), ("amount",), ("_contract",)),
    "periods": (("customer",), ("starts_on",), ("amount",)),
    "changes": (("customer",), ("on",), ("amount",), ("ended", "subscription", "product", "quantity")),
    "customers": (("customer",), ("_attribute",)),
}


class Recognised(NamedTuple):
    """A reading, and in sentences what was taken for granted to come to it."""

    reading: Reading
    assumed: tuple[str, ...]


class Usual(NamedTuple):
    """What holds where nothing is said: the book's own currency and time zone."""

    currency: str
    timezone: str


def recognise(mapping: Mapping, header: Sequence[str], usual: Usual) -> Recognised:
    """The reading of a table. Raises ImportFileError for a column that is missing, WrongUse for an unknown word."""
    _check_named(mapping, header)
    table = mapping.table or _table(mapping, header)
    check(table, [*mapping.columns, *mapping.constants], mapping.name)
    columns, constants = dict(mapping.columns), dict(mapping.constants)
    assumed: list[str] = []
    if not mapping.columns:
        columns, found = _columns(table, header)
        constants = found | constants
        columns = {field: name for field, name in columns.items() if field not in mapping.constants}
        assumed += [] if mapping.table else [f"It is a table of {table}: its header says so."]
    attributes = _attributes(mapping, table, header, columns)
    _check_needed(table, {*columns, *constants}, header)
    constants |= _assumed_constants(table, columns, constants, usual, assumed)
    reading = Reading(
        table=table,
        columns=columns,
        constants={field: value.strip() for field, value in constants.items()},
        attributes=attributes,
        customers_of=mapping.customers_of,
        dates=mapping.dates,
        timezone=mapping.timezone or usual.timezone,
        ends=mapping.ends or "exclusive",
        decimal=mapping.decimal,
        unit=mapping.unit,
        null=mapping.null,
        true=mapping.true,
        false=mapping.false,
    )
    _check_values(reading, mapping.name)
    return Recognised(reading, (*assumed, *_assumptions(mapping, reading)))


def plain(header: str) -> str:
    """A header in lower case, words parted by `_`: `Start Date` and `startDate` are `start_date`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header.strip())
    return re.sub(r"[^0-9a-z]+", "_", parted.lower()).strip("_")


def _check_named(mapping: Mapping, header: Sequence[str]) -> None:
    attributes = mapping.attributes or {}
    named = [*mapping.columns.values(), *(attributes.values() if isinstance(attributes, dict) else attributes)]
    for column in [*named, *mapping.drop]:
        if column not in header:
            close = difflib.get_close_matches(column, header, n=1)
            meant = f"; did you mean {close[0]!r}?" if close else ""
            message = f"row 1: there is no column {column!r}{meant}"
            raise ImportFileError(message, remedy=f"The columns are {', '.join(header)}.")


def _table(mapping: Mapping, header: Sequence[str]) -> Table:
    for table, signs in _SIGNS.items():
        known = {*mapping.columns} or {*_columns(table, header)[0]}
        known |= {*mapping.constants}
        known |= {"_attribute"} if any(plain(name) in ATTRIBUTES for name in header) else set()
        known |= {"_contract"} if any(plain(name).startswith("contract") for name in header) else set()
        if all(known & set(group) for group in signs):
            return table
    remedy = f"Say `table` in a mapping: {', '.join(TABLES)}. The columns are {', '.join(header)}."
    raise ImportFileError("row 1: the header does not tell what kind of table this is", remedy=remedy)


def _columns(table: Table, header: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The columns that the header gives to a table's fields, and what the header says of amounts."""
    by_name = {plain(name): name for name in reversed(header)}
    found: dict[str, str] = {}
    constants: dict[str, str] = {}
    for field in FIELDS[table]:
        names = DAYS.get(table, ()) if field == "on" else HEADERS.get(field, ())
        column = next((by_name[name] for name in names if name in by_name), None)
        if column is not None:
            found[field] = column
    if "amount" in FIELDS[table]:
        _amount(table, by_name, found, constants)
    return found, constants


def _amount(table: Table, by_name: Named[str, str], found: dict[str, str], constants: dict[str, str]) -> None:
    for name, per in AMOUNTS.items():
        for ending in ("", *(f"_{code.lower()}" for code in DIGITS)):
            if name + ending in by_name and by_name[name + ending] not in found.values():
                found["amount"] = by_name[name + ending]
                if ending and "currency" not in found:
                    constants["currency"] = ending[1:].upper()
                if "per" in FIELDS[table] and per is not None:
                    found.pop("per", None)
                    constants["per"] = per
                if name not in _OF_ONE and table in ("periods", "contracts"):
                    found.pop("quantity", None)
                return


def _attributes(mapping: Mapping, table: Table, header: Sequence[str], columns: Named[str, str]) -> dict[str, str]:
    if mapping.attributes is not None:
        listed = mapping.attributes
        return dict(listed) if isinstance(listed, dict) else {plain(name): name for name in listed}
    if table != "customers":
        return {}
    free = [name for name in header if name not in columns.values()]
    return {_NAMES.get(plain(name), plain(name)): name for name in free if plain(name) in (*ATTRIBUTES, *_NAMES)}


def _check_needed(table: Table, told: set[str], header: Sequence[str]) -> None:
    missing = [field for field, about in FIELDS[table].items() if about.needed and field not in told]
    if missing:
        field = missing[0]
        message = f"row 1: a table of {table} needs a column for {field!r} ({FIELDS[table][field].meaning})"
        remedy = f"Name it in a mapping under [columns]. The columns are {', '.join(header)}."
        raise ImportFileError(message, remedy=remedy)


def _assumed_constants(
    table: Table, columns: Named[str, str], constants: Named[str, str], usual: Usual, assumed: list[str]
) -> dict[str, str]:
    told = {*columns, *constants}
    made: dict[str, str] = {}
    if "currency" in FIELDS[table] and "currency" not in told:
        made["currency"] = usual.currency
        assumed.append(f"Amounts are in {usual.currency}, the currency of the book: no column says otherwise.")
    if "base" in FIELDS[table] and "base" not in told:
        made["base"] = usual.currency
        assumed.append(f"Rates are in {usual.currency} for one unit of the currency.")
    if "per" in FIELDS[table] and "per" not in told:
        made["per"] = "month"
        assumed.append("Amounts are for a month.")
    return made


def _assumptions(mapping: Mapping, reading: Reading) -> list[str]:
    said = []
    if "ends_on" in reading.columns and mapping.ends is None:
        column = reading.columns["ends_on"]
        said.append(f"Ends are exclusive: the day in {column} is the first one without it (`ends` says otherwise).")
    if mapping.timezone is None:
        said.append(f"Days begin at midnight in {reading.timezone}, the time zone of the book.")
    if not mapping.dates:
        said.append("Dates are ISO 8601, as 2026-10-31.")
    if "amount" in reading.columns and "quantity" in FIELDS[reading.table] and "quantity" not in reading.columns:
        said.append(f"{reading.columns['amount']} is the whole amount of a row, whatever its quantity.")
    if "renews" in reading.columns:
        said.append(f"A row with {reading.columns['renews']} true goes on past its end.")
    if reading.table in ("periods", "contracts") and "subscription" not in {*reading.columns, *reading.constants}:
        said.append("Each row is a subscription of its own: no column names one.")
    return said


def _check_values(reading: Reading, place: str) -> None:
    """Raise WrongUse for a time zone, currency or date format that there is not."""
    zone(reading.timezone)
    for field in ("currency", "base"):
        if field in reading.constants:
            currency(reading.constants[field])
    for form in reading.dates:
        try:
            told = datetime(2024, 11, 22).strftime(form)
            read = datetime.strptime(told, form)
        except ValueError as error:
            remedy = 'Write it as in "%d/%m/%Y".'
            raise WrongUse(f"{place}: {form!r} is no date format: {error}", remedy=remedy) from error
        if (read.year, read.month, read.day) != (2024, 11, 22):
            raise WrongUse(f"{place}: {form!r} leaves out the day, the month or the year", remedy='As in "%d/%m/%Y".')
