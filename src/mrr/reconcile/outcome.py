"""What every comparison comes to: differences by customer with a cause, the drift, and whether it is within bounds."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import msgspec

from mrr.answers import Definition
from mrr.providers import apart
from mrr.reports.tables import Table

# The drift above which a comparison fails, in percent of the book's side.
THRESHOLD = Decimal("0.5")
_PLACES = Decimal("0.000001")


class Difference(msgspec.Struct):
    """What differs of one customer, in signed micros of the reporting currency: theirs − ours.

    `subject` is the subscription, invoice, payment or line in question; empty where it is the customer as a whole.
    `remedy` is `backfill` where that is safe, else what a person has to look at.
    """

    source: str
    customer_id: str
    subject: str
    cause: str
    ours_micros: int
    theirs_micros: int
    difference_micros: int
    detail: str
    remedy: str = ""


class Side(NamedTuple):
    """What is meant by a difference: canonical ids, or bare ones where nobody in the book bears them."""

    customer: str
    subject: str = ""


def differs(side: Side, cause: str, amounts: tuple[int, int], detail: str, remedy: str = "") -> Difference:
    """A difference; `amounts` are ours and theirs."""
    source, name = apart(side.customer)
    ours, theirs = amounts
    return Difference(source, name, apart(side.subject)[1], cause, ours, theirs, theirs - ours, detail, remedy)


class Weighed(NamedTuple):
    """Two sides of a comparison, summed: what was compared, the money on each side, and what differs."""

    compared: int
    ours_micros: int
    theirs_micros: int
    rows: Sequence[Difference]
    notes: Sequence[str] = ()


class Reconciled(msgspec.Struct, Table[Difference]):
    """A comparison. Drift is the sum of the customers' absolute differences, also as a percentage of our side.

    `what` names the comparison, `ours` and `theirs` its sides; `compared` counts what was held against each other;
    `backfilled` how many missing entries were appended to the journal, `source` the one source that was compared (empty
    where it was the whole book).
    """

    definition: Definition
    what: str
    ours: str
    theirs: str
    at: datetime
    compared: int
    ours_micros: int
    theirs_micros: int
    net_micros: int
    drift_micros: int
    drift_percent: Decimal
    threshold_percent: Decimal
    within: bool
    causes: dict[str, int]
    notes: list[str]
    rows: list[Difference]
    backfilled: int = 0
    source: str = ""


class Asked(NamedTuple):
    """What a comparison is called, and under which bound it stands."""

    what: str
    ours: str
    theirs: str
    at: datetime
    threshold: Decimal = THRESHOLD
    source: str = ""


def reconciled(definition: Definition, asked: Asked, found: Weighed) -> Reconciled:
    """The answer, its rows the largest first. Exactly at the threshold is within it."""
    drift = drift_of(found.rows)
    percent = _percent(drift, found.ours_micros or found.theirs_micros)
    return Reconciled(
        definition=definition,
        what=asked.what,
        ours=asked.ours,
        theirs=asked.theirs,
        at=asked.at,
        compared=found.compared,
        ours_micros=found.ours_micros,
        theirs_micros=found.theirs_micros,
        net_micros=sum(row.difference_micros for row in found.rows),
        drift_micros=drift,
        drift_percent=percent,
        threshold_percent=asked.threshold,
        within=percent <= asked.threshold,
        causes=dict(sorted(Counter(row.cause for row in found.rows).items())),
        notes=list(found.notes),
        rows=sorted(found.rows, key=lambda row: (-abs(row.difference_micros), row.customer_id, row.subject)),
        source=asked.source,
    )


def drift_of(rows: Iterable[Difference]) -> int:
    """The customers' absolute differences, summed: what one lacks does not make good what another has too much."""
    by_customer: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        by_customer[row.source, row.customer_id] += row.difference_micros
    return sum(map(abs, by_customer.values()))


def _percent(part: int, whole: int) -> Decimal:
    if whole == 0:
        return Decimal(100 if part else 0)
    return (Decimal(100 * part) / Decimal(abs(whole))).quantize(_PLACES, ROUND_HALF_UP)
