"""What a mapping says: which table a file is, what its columns stand for, and how its cells are to be read."""

import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as Named
from typing import Annotated, Literal, get_args

import msgspec

from mrr.errors import WrongUse

Table = Literal[
    "periods",
    "contracts",
    "changes",
    "customers",
    "opening",
    "rates",
    "invoice_lines",
    "payments",
    "payouts",
    "balance_lines",
    "costs",
    "usage",
]
TABLES: tuple[Table, ...] = get_args(Table)
Ends = Literal["exclusive", "inclusive", "month"]
Point = Literal["point", "comma"]
Unit = Literal["major", "minor"]

NULL = ("", "NULL", "null", "None", "NA", "N/A", "NaN", "nan", "\\N")
TRUE = ("true", "True", "TRUE", "yes", "Yes", "Y", "y", "t", "1")
FALSE = ("false", "False", "FALSE", "no", "No", "N", "n", "f", "0")


class Field(msgspec.Struct, frozen=True):
    """What a word of ours means in a table, and whether a table needs it."""

    meaning: str
    needed: bool = False


_WHO = {"customer": Field("whose it is", needed=True)}
_WHAT = {
    "product": Field("plan or product"),
    "price": Field("id of the price"),
    "quantity": Field("number of units (seats); `amount` is then the price of one"),
    "currency": Field("ISO 4217"),
    "per": Field(
        "what the amount is for: day, week, month, quarter, half_year, year, or `period`: the row's own stretch"
    ),
}
_LIFE = {
    "starts_on": Field("first day, or instant", needed=True),
    "ends_on": Field("last day or the day after, as `ends` says; empty: it goes on"),
    "amount": Field("price of one unit, or of all where no quantity is mapped", needed=True),
    "subscription": Field("rows of one subscription are one life; without it, each row is a subscription of its own"),
    "item": Field("which line of the subscription, where it has several at a time"),
    "trial": Field("true: the row is a trial"),
}
_MONEY = {
    "amount": Field("signed, in major units unless `unit` says minor", needed=True),
    "currency": _WHAT["currency"],
}

FIELDS: Named[Table, Named[str, Field]] = {
    "periods": _WHO | _LIFE | _WHAT,
    "contracts": _WHO | _LIFE | _WHAT | {"renews": Field("true: it goes on past its end until its next row begins")},
    "changes": _WHO
    | {
        "on": Field("since when it is so", needed=True),
        "amount": Field("the new price of one unit, or of all; empty: as before"),
        "subscription": Field("else each customer has one"),
        "item": Field("which line of the subscription, where it has several at a time"),
        "ended": Field("true: the item ended that day (as do amount 0 and quantity 0)"),
    }
    | _WHAT,
    "customers": _WHO | {"on": Field("since when the attributes hold; empty: always")},
    "opening": _WHO
    | {
        "on": Field("the day from which the balance stands", needed=True),
        "amount": Field("MRR on that day", needed=True),
        "ends_on": Field("when the balance gives way to what is told otherwise"),
        "currency": _WHAT["currency"],
        "product": _WHAT["product"],
    },
    "rates": {
        "on": Field("the day of the rate", needed=True),
        "currency": Field("ISO 4217", needed=True),
        "value": Field("units of the base for one unit of the currency", needed=True),
        "base": Field("in which the value is"),
    },
    "invoice_lines": _WHO
    | {
        "invoice": Field("id of the invoice", needed=True),
        "line": Field("id of the line within it; else its place"),
        "on": Field("the invoice's day", needed=True),
    }
    | _MONEY
    | {
        "tax": Field("on top of the amount"),
        "discount": Field("off the amount, positive"),
        "status": Field("draft, open, paid, void, uncollectible"),
        "starts_on": Field("first day of the service period"),
        "ends_on": Field("end of the service period"),
        "subscription": Field("id of the subscription"),
        "item": Field("id of the item"),
        "product": _WHAT["product"],
        "price": _WHAT["price"],
        "quantity": Field("number of units"),
        "recurring": Field("true or false"),
        "proration": Field("true or false"),
    },
    "payments": {
        "payment": Field("id of the payment", needed=True),
        "customer": Field("whose it is"),
        "on": Field("the day of the attempt", needed=True),
    }
    | _MONEY
    | {
        "status": Field("succeeded, failed, pending, canceled, won, lost"),
        "kind": Field("attempt, refund, dispute"),
        "invoice": Field("id of the invoice"),
        "of_payment": Field("id of the payment that is refunded or disputed"),
        "failure_code": Field("why it failed"),
        "retry": Field("number of the attempt, from 0"),
    },
    "payouts": {
        "payout": Field("id of the payout", needed=True),
        "on": Field("the day on which it left the balance", needed=True),
    }
    | _MONEY
    | {"status": Field("paid, pending, failed, canceled"), "failure_code": Field("why it failed")},
    "balance_lines": {
        "line": Field("id of the line", needed=True),
        "on": Field("the day of the line", needed=True),
        "kind": Field("charge, refund, dispute, fee, payout, other", needed=True),
    }
    | _MONEY
    | {
        "fee": Field("what the provider kept of it"),
        "of": Field("id of the payment, refund, dispute or payout that it is of"),
        "available_on": Field("since when it may be sent to the bank"),
        "payout": Field("id of the payout in which it went to the bank"),
    },
    "costs": {"service": Field("what was paid for", needed=True), "on": Field("the day of the cost", needed=True)}
    | _MONEY
    | {"cost": Field("id of the row; else service, day and customer"), "customer": Field("for whom it was")},
    "usage": _WHO
    | {
        "on": Field("when it was used", needed=True),
        "quantity": Field("how much", needed=True),
        "meter": Field("what was counted"),
        "usage": Field("id of the row; else customer, meter and instant"),
        "subscription": Field("id of the subscription"),
        "item": Field("id of the item"),
    },
}
# Where binary floating point would have changed a cell before we saw it.
EXACT = frozenset({"amount", "quantity", "value", "tax", "discount", "fee"})


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mapping as a person writes it; what is left out is recognised by the header, or assumed and said so."""

    name: str = "table"
    table: Table | None = None
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    attributes: list[str] | dict[str, str] | None = None
    customers_of: str | None = None
    dates: tuple[str, ...] = ()
    timezone: str | None = None
    ends: Ends | None = None
    decimal: Point | None = None
    unit: Unit = "major"
    floats: Literal["refuse", "shortest"] = "refuse"
    null: tuple[str, ...] = NULL
    true: tuple[str, ...] = TRUE
    false: tuple[str, ...] = FALSE
    drop: dict[str, list[str]] = {}
    unreadable: Literal["refuse", "quarantine"] = "refuse"
    delimiter: Annotated[str, msgspec.Meta(min_length=1, max_length=1)] | None = None


class Reading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that gives cells their meaning. It goes with each body, so that a body explains itself."""

    table: Table
    columns: dict[str, str]
    constants: dict[str, str]
    attributes: dict[str, str]
    customers_of: str | None
    dates: tuple[str, ...]
    timezone: str
    ends: Ends
    decimal: Point | None
    unit: Unit
    null: tuple[str, ...]
    true: tuple[str, ...]
    false: tuple[str, ...]


def load(text: str, place: str) -> Mapping:
    """A mapping from its TOML. Raises WrongUse that names the key and what it may say."""
    try:
        mapping = msgspec.convert(tomllib.loads(text), Mapping)
    except tomllib.TOMLDecodeError as error:
        raise WrongUse(f"{place}: no TOML: {error}", remedy="Mend the line.") from error
    except msgspec.ValidationError as error:
        raise WrongUse(
            f"{place}: {error}", remedy=f"A mapping may say {', '.join(Mapping.__struct_fields__)}."
        ) from error
    if mapping.table is not None:
        check(mapping.table, [*mapping.columns, *mapping.constants], place)
    return mapping


def check(table: Table, words: Iterable[str], place: str) -> None:
    """Raise WrongUse for a word that a table does not know."""
    for word in words:
        if word not in FIELDS[table]:
            known = ", ".join(FIELDS[table])
            raise WrongUse(f"{place}: a table of {table} has no {word!r}", remedy=f"It has {known}.")
