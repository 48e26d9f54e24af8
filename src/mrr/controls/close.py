"""Closing a month: its figures and rows sealed as entries of the journal, and read back."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import msgspec

from mrr.controls.checks import Case, Check
from mrr.derivation import posting
from mrr.errors import MrrError
from mrr.governance import ROWS, SOURCE, Before, Close, Part, Sealed, decided, record
from mrr.journal import Journal, Record, Verification
from mrr.journal.chain import body_digest
from mrr.journal.trouble import JournalDamaged
from mrr.metrics import asking, catalogue
from mrr.period import local_day, midnight, next_period
from mrr.policy import Policy
from mrr.reports import rollforward
from mrr.reports.frame import Asked
from mrr.reports.rollforward import Row
from mrr.warehouse import Warehouse, sql

# How many customers an entry of rows has.
PER_ENTRY = 1_000
DIGITS = 16


class ClosedRow(msgspec.Struct, frozen=True, array_like=True):
    """A customer in a closed month, in signed micros. `digest` is the beginning of the SHA-256 of all the others."""

    customer: str
    state: str
    opening_micros: int = 0
    new_micros: int = 0
    expansion_micros: int = 0
    contraction_micros: int = 0
    churn_micros: int = 0
    reactivation_micros: int = 0
    fx_micros: int = 0
    closing_micros: int = 0
    digest: str = ""


class Rows(msgspec.Struct, frozen=True, tag=ROWS):
    """A body of an entry of rows."""

    month: date
    rows: list[ClosedRow]


FIGURES = tuple(name for name in ClosedRow.__struct_fields__ if name.endswith("_micros"))


class ClosedMonth(msgspec.Struct):
    """A closed month: what was sealed, by the seq and digest (hex) of the entry that did."""

    month: date
    seq: int
    digest: str
    sealed: Sealed
    checks: list[Check] = []


class Told(NamedTuple):
    """By whom and why a month is closed, and the checks that it is forced over."""

    author: str
    reason: str
    failed: Sequence[str]


def sealed(case: Case, told: Told) -> list[Record]:
    """The entries that close a month: its rows, a thousand customers each, then the seal that names their digests."""
    warehouse, policy, month, last = case.warehouse, case.policy, case.month, case.governed.last
    rolled = rolled_up(warehouse, policy, month)
    parts = list(_parts(month, rows(warehouse, policy, month)))
    seal = Sealed(
        month=month,
        as_of=case.ends_at,
        author=told.author,
        reason=told.reason,
        failed=list(told.failed),
        seq=case.mark.seq,
        chain=case.mark.chain,
        sources=[source for (source,) in warehouse.rows("SELECT DISTINCT source FROM outcome ORDER BY source")],
        policy=policy.name,
        policy_hash=policy.hash,
        policy_version=case.version,
        values=dict(policy.values),
        engine=case.mark.engine,
        ledger_digest=posting.ledger_digest(warehouse),
        print=prints(warehouse, month)[month],
        rollforward={name: getattr(rolled, name) for name in MEASURES},
        metrics=_metrics(case),
        customers=sum(part.customers for part, _ in parts),
        rows=[part for part, _ in parts],
        previous=Before(last.sealed.month, last.digest) if last is not None else None,
    )
    return [*(entry for _, entry in parts), record(seal, month.strftime("%Y-%m"))]


# What is sealed of the roll-forward.
MEASURES = tuple(name for name in Row.__struct_fields__ if name not in ("period_starts_on", "group"))


def rolled_up(warehouse: Warehouse, policy: Policy, month: date) -> Row:
    """The month's row of the roll-forward; all 0 where nothing was there yet."""
    found = rollforward.rollforward(warehouse, policy, _asked(policy, month))
    return found[0] if found else Row(month, None)


def _asked(policy: Policy, month: date) -> Asked:
    return Asked("month", midnight(next_period(month, "month"), policy["timezone"]), month, month)


def rows(warehouse: Warehouse, policy: Policy, month: date) -> list[ClosedRow]:
    """Everybody who counts in the month or moved in it, by id, as the ledger has them now."""
    rolled_up(warehouse, policy, month)
    return [_digested(ClosedRow(*row)) for row in warehouse.rows(sql("reports/closed_row"))]


def nothing(customer: str) -> ClosedRow:
    """The row of a customer who does not count and did not move."""
    return ClosedRow(customer, "never")


def _digested(row: ClosedRow) -> ClosedRow:
    plain = msgspec.json.encode(msgspec.structs.replace(row, digest=""))
    return msgspec.structs.replace(row, digest=hashlib.sha256(plain).hexdigest()[:DIGITS])


def _parts(month: date, everybody: Sequence[ClosedRow]) -> Iterator[tuple[Part, Record]]:
    for number, start in enumerate(range(0, len(everybody), PER_ENTRY), start=1):
        some = everybody[start : start + PER_ENTRY]
        body = msgspec.json.encode(Rows(month, list(some)))
        key = f"{ROWS}/{month:%Y-%m}/{number}"
        part = Part(key, body_digest(body).hex(), len(some), some[0].customer, some[-1].customer)
        yield part, Record(key, ROWS, body)


def _metrics(case: Case) -> dict[str, int | str | None]:
    """Every metric of the month in total: micros, a count or a ratio by its unit; None where it has no value."""
    asked = Asked("month", case.ends_at, case.month, case.month)
    found: dict[str, int | str | None] = {}
    for metric in catalogue.catalogue():
        if metric.is_cohort or metric.by is not None:
            continue
        for figure in asking.ask(case.warehouse, case.policy, asked, metric):
            values = (figure.value_micros, figure.count, figure.ratio)
            found[metric.name] = next((value for value in values if value is not None), None)
    return found


def prints(warehouse: Warehouse, last: date) -> dict[date, str]:
    """The fingerprint of all movements up to the end of each month, from the first to the last, as sixteen digits."""
    told: dict[date, int] = dict(warehouse.rows(sql("reports/month_print"), {"until": next_period(last, "month")}))
    so_far, found = 0, {}
    month = min(told, default=last)
    while month <= last:
        so_far ^= told.get(month, 0)
        found[month] = f"{so_far:0{DIGITS}x}"
        month = next_period(month, "month")
    return found


def behind(closes: Sequence[Close], first: date, last: date) -> list[Sealed]:
    """The seals on which the months from `first` to `last` rest; none where one of them is not closed.

    A close seals all that was before it, too: a month that was never closed itself rests on the next one that is.
    """
    seals = [close.sealed for close in closes]
    over = next((seal.month for seal in seals if seal.month >= last), None)
    if over is None:
        return []
    return [seal for seal in seals if first.replace(day=1) <= seal.month <= over]


def month_of(ends_at: datetime, timezone: str) -> date:
    """The month of the last instant before an instant."""
    return local_day(ends_at - timedelta(microseconds=1), timezone).replace(day=1)


def row_of(sealed: Sealed) -> Row:
    """The row of the roll-forward that was sealed."""
    return Row(sealed.month, None, **{name: sealed.rollforward.get(name, 0) for name in MEASURES})


def kept(journal: Journal, close: Close) -> list[ClosedRow]:
    """The rows that were sealed. Raises MrrError where they are not what the seal says, naming the customers."""
    keys = [part.key for part in close.sealed.rows]
    bodies = {body_digest(entry.body).hex(): entry.body for entry in journal.told_by(SOURCE, [ROWS], keys=keys)}
    found: list[ClosedRow] = []
    for part in close.sealed.rows:
        if part.digest not in bodies:
            raise MrrError(f"the close {close.sealed.month:%Y-%m} has lost its rows {_span(part)}", remedy=_RESTORE)
        found += msgspec.json.decode(bodies[part.digest], type=Rows).rows
    return found


_RESTORE = "`mrr verify` says which entry; restore the journal from a backup."


def _span(part: Part) -> str:
    return f"{part.first} to {part.last}"


def located(journal: Journal, broken: Verification) -> str | None:
    """Which close and customers, or which decision, a broken entry keeps, as far as it can be told."""
    kind, _, about = (broken.key or "").partition("/")
    if broken.source != SOURCE:
        return None
    if kind != ROWS:
        return f"the seal of close {about}" if kind == "close.sealed" else f"the decision {broken.key}"
    month = about.partition("/")[0]
    altered = ", ".join(_altered(broken.body)) if broken.body is not None else ""
    return f"close {month}, " + (f"customer {altered}" if altered else f"customers {_spans(journal, broken.key)}")


def _spans(journal: Journal, key: str | None) -> str:
    """The customers of an entry of rows, from its seal, if that can be read."""
    try:
        seals = [decided(entry) for entry in journal.told_by(SOURCE, ["close.sealed"])]
    except JournalDamaged:
        seals = []
    spans = [_span(part) for seal in seals if isinstance(seal, Sealed) for part in seal.rows if part.key == key]
    return spans[-1] if spans else "that no seal names"


def _altered(body: bytes) -> Iterator[str]:
    """The customers whose rows are not what their digest says; none where the body cannot be read at all."""
    try:
        told = msgspec.json.decode(body, type=Rows).rows
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    yield from (row.customer for row in told if _digested(row).digest != row.digest)
