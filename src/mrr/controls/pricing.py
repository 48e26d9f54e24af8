"""What another policy would be worth: tried beside the official one, month by month; and every key priced."""

import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from fractions import Fraction
from typing import Any, NamedTuple

import msgspec

from mrr import figures
from mrr.derivation import ledgers
from mrr.derivation.ledgers import Ledger
from mrr.derivation.posting import Progress
from mrr.errors import PolicyError, WrongUse
from mrr.period import local_day
from mrr.policy import KEYS, Key, Policy
from mrr.policy.schema import REPORT
from mrr.reports import customers, rollforward
from mrr.reports.frame import Asked
from mrr.warehouse import Warehouse

# How many months a trial looks back, and how many customers it names.
MONTHS, CUSTOMERS = 12, 20


class MonthTried(msgspec.Struct):
    """A month under both policies: closing MRR in signed micros, and how many movements fall into it."""

    month: date
    official_micros: int
    tried_micros: int
    difference_micros: int
    official_movements: int
    tried_movements: int


class CustomerTried(msgspec.Struct):
    """A customer who is worth something else under the other policy."""

    customer_id: str
    source: str
    official_micros: int
    tried_micros: int
    difference_micros: int


class Trial(msgspec.Struct):
    """Another policy beside the official one: the keys that differ, the last months, the largest gaps.

    `drift` is the largest share, with its sign, by which a closing MRR of these months differs from the official one.
    """

    policy: str
    policy_hash: str
    official: str
    official_hash: str
    as_of: datetime
    currency: str
    timezone: str
    keys: dict[str, tuple[Any, Any]]
    months: list[MonthTried]
    drift: str
    customers_differing: int
    customers: list[CustomerTried]


class Shadowed(msgspec.Struct):
    """A shadow version beside the official one: how far it drifts, how far it may, and the trial that shows by what."""

    version: int
    limit: str
    exceeded: bool
    trial: Trial


class Priced(msgspec.Struct):
    """A value that a key does not have: by how much it would change closing MRR and the number of movements.

    `missing` says why it could not be priced; then the figures are 0.
    """

    key: str
    value: Any
    now: Any
    difference_micros: int = 0
    movements: int = 0
    missing: str = ""


class Worth(NamedTuple):
    """A ledger in figures: closing MRR and movements by month, and what each customer is worth."""

    closing: dict[date, int]
    movements: dict[date, int]
    customers: dict[tuple[str, str], int]


def differing(official: Policy, other: Policy) -> dict[str, tuple[Any, Any]]:
    """The keys that differ, with both values: the official one, then the other."""
    keys = [key.name for key in KEYS]
    return {key: (official[key], other[key]) for key in keys if official[key] != other[key]}


def tried(warehouse: Warehouse, official: Policy, other: Policy, seq: int, as_of: datetime) -> Trial:
    """Derive the whole ledger under the other policy and compare the two. Raises WrongUse across currencies."""
    if official["currency"] != other["currency"]:
        raise WrongUse(
            f"{other.name} reports in {other['currency']}, the book in {official['currency']}",
            remedy="Amounts of two currencies cannot be compared; give the other policy the currency of the book.",
        )
    own = _worth(warehouse, official, as_of)
    with beside(warehouse, official, other, seq) as ledger:
        theirs = _worth(ledger, other, as_of)
    last = sorted({*own.closing, *theirs.closing})[-MONTHS:]
    months = [_month(month, own, theirs) for month in last]
    gaps = sorted(_gaps(own, theirs), key=lambda gap: (-abs(gap.difference_micros), gap.source, gap.customer_id))
    return Trial(
        policy=other.name,
        policy_hash=other.hash,
        official=official.name,
        official_hash=official.hash,
        as_of=as_of,
        currency=official["currency"],
        timezone=official["timezone"],
        keys=differing(official, other),
        months=months,
        drift=str(max((_drift(month) for month in months), key=abs, default=Fraction(0))),
        customers_differing=len(gaps),
        customers=gaps[:CUSTOMERS],
    )


@contextmanager
def beside(warehouse: Warehouse, official: Policy, other: Policy, seq: int) -> Iterator[Warehouse]:
    """The ledger under another policy; the book's own where only report keys differ."""
    if official.ledger_hash == other.ledger_hash:
        yield warehouse
        return
    with ledgers.opened(warehouse, Ledger(other, seq, seq)) as ledger:
        yield ledger


def percent(share: str) -> str:
    """A share as a person reads it, to two decimals and with its sign: `0.25%`."""
    return figures.written(round(Fraction(share) * 10_000), 2) + "%"


def _worth(warehouse: Warehouse, policy: Policy, as_of: datetime) -> Worth:
    rows = rollforward.rollforward(warehouse, policy, Asked("month", as_of))
    moved = warehouse.rows("SELECT CAST(date_trunc('month', on_day) AS DATE), count(*) FROM seen_movement GROUP BY 1")
    found = customers.customers(warehouse, as_of, None, None)
    return Worth(
        {row.period_starts_on: row.closing_micros for row in rows},
        dict(moved),
        {(customer.source, customer.customer_id): customer.mrr_micros for customer in found},
    )


def _month(month: date, own: Worth, theirs: Worth) -> MonthTried:
    official, other = own.closing.get(month, 0), theirs.closing.get(month, 0)
    counts = own.movements.get(month, 0), theirs.movements.get(month, 0)
    return MonthTried(month, official, other, other - official, *counts)


def _drift(month: MonthTried) -> Fraction:
    """From an official MRR of 0 everything is a drift of the whole."""
    base = abs(month.official_micros) or abs(month.difference_micros) or 1
    return Fraction(month.difference_micros, base)


def _gaps(own: Worth, theirs: Worth) -> Iterator[CustomerTried]:
    for source, customer in own.customers.keys() | theirs.customers.keys():
        official, other = (worth.customers.get((source, customer), 0) for worth in (own, theirs))
        if official != other:
            yield CustomerTried(customer, source, official, other, other - official)


def priced(
    warehouse: Warehouse,
    official: Policy,
    seq: int,
    as_of: datetime,
    only: Sequence[str] = (),
    progress: Progress | None = None,
) -> list[Priced]:
    """Every ledger key (or some), every other value that the reference documents, with its documented parameters.

    The reporting currency is left out: its amounts could not be compared. Raises WrongUse for what is no ledger key.
    """
    keys = {key.name: key for key in KEYS if not key.name.startswith(REPORT)}
    for name in only:
        if name not in keys:
            raise WrongUse(f"{name} is no ledger key of a policy", remedy="`mrr policy show` lists every key.")
    own = _total(warehouse, official, as_of)
    offers = [
        (key, value) for name, key in keys.items() if not only or name in only for value in _others(key, official)
    ]
    found = []
    for number, (key, value) in enumerate(offers):
        if progress is not None:
            progress("price", number, len(offers))
        found.append(_priced(warehouse, official, key.name, value, seq, as_of, own))
    return found


def _priced(
    warehouse: Warehouse, official: Policy, key: str, value: Any, seq: int, as_of: datetime, own: tuple[int, int]
) -> Priced:
    try:
        other = official.differing({key: value})
    except PolicyError as error:
        return Priced(key, value, official[key], missing=str(error))
    with beside(warehouse, official, other, seq) as ledger:
        closing, movements = _total(ledger, other, as_of)
        lacking = _lacking(ledger, as_of) - _lacking(warehouse, as_of)
    missing = f"{lacking} items more could not be reckoned" if lacking > 0 else ""
    return Priced(key, other[key], official[key], closing - own[0], movements - own[1], missing)


def _total(warehouse: Warehouse, policy: Policy, as_of: datetime) -> tuple[int, int]:
    """Closing MRR and the number of movements, of all time."""
    rows = rollforward.rollforward(warehouse, policy, Asked("year", as_of, first=local_day(as_of, policy["timezone"])))
    (movements,) = warehouse.one("SELECT count(*) FROM seen_movement")
    return rows[-1].closing_micros if rows else 0, movements


def _lacking(warehouse: Warehouse, as_of: datetime) -> int:
    query = "SELECT count(DISTINCT (subscription_id, item_id)) FROM ledger.pending WHERE starts_at < ?"
    return int(warehouse.one(query, [as_of])[0])


def _others(key: Key, official: Policy) -> Iterator[Any]:
    """The documented values that the policy does not have."""
    if key.name == "currency":
        return
    for text in key.values:
        value = _parsed(text)
        try:
            if official.differing({key.name: value})[key.name] == official[key.name]:
                continue
        except PolicyError:
            continue
        yield value


def _parsed(text: str) -> Any:
    """A value as a policy file would give it: a table, a list, a number, a truth value, else a text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
