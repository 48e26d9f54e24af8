"""A closed month as an end of a bridge: what was sealed, against what today's engine makes of the same entries."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from mrr.controls import close
from mrr.controls.close import FIGURES, ClosedRow
from mrr.governance import Close
from mrr.journal import Journal
from mrr.policy import Policy
from mrr.warehouse import Warehouse

CLASSES = tuple(name.removesuffix("_micros") for name in FIGURES if name != "closing_micros")


class Seal(NamedTuple):
    """What a close sealed: the month and its end, the entry that did, the engine of that time, every customer's row."""

    month: date
    ends_at: datetime
    seq: int
    engine: str
    rows: Sequence[ClosedRow]


def seal_of(journal: Journal, one: Close) -> Seal:
    """The seal of a closed month, read back. Raises MrrError where rows are lost or were changed."""
    return Seal(one.sealed.month, one.sealed.as_of, one.seq, one.sealed.engine, close.kept(journal, one))


class Apart(NamedTuple):
    """By how much a sealed row is more than today's engine makes of the same entries: one class of one customer."""

    customer: str
    kind: str
    amount_micros: int


def apart(seal: Seal, ledger: Warehouse, policy: Policy, customers: Collection[str] | None) -> Iterator[Apart]:
    """What was sealed otherwise; `ledger` rests on what the close rested on, for some customers (canonical) or all."""
    sealed = _by_customer(row for row in seal.rows if customers is None or row.customer in customers)
    now = _by_customer(close.rows(ledger, policy, seal.month))
    for name in sorted(sealed.keys() | now.keys()):
        was, becomes = sealed.get(name), now.get(name)
        if was != becomes:
            yield from _classes(was or close.nothing(name), becomes or close.nothing(name))


def _by_customer(rows: Iterator[ClosedRow] | Sequence[ClosedRow]) -> Mapping[str, ClosedRow]:
    return {row.customer: row for row in rows}


def _classes(was: ClosedRow, becomes: ClosedRow) -> Iterator[Apart]:
    for kind in CLASSES:
        amount = getattr(was, f"{kind}_micros") - getattr(becomes, f"{kind}_micros")
        if amount:
            yield Apart(was.customer, kind, amount)
