"""The validation questions of a governed definition, asked of one month: each names what it found, and fails by it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple

import msgspec

from mrr import figures
from mrr.derivation import build
from mrr.derivation.posting import Watermark
from mrr.errors import AuditFailed
from mrr.governance import Governance
from mrr.journal import Journal
from mrr.period import midnight, next_period
from mrr.policy import Policy
from mrr.reports import rollforward
from mrr.reports.frame import Asked
from mrr.reports.rates import stale
from mrr.reports.rollforward import CLASSES, Row
from mrr.warehouse import Warehouse, sql

# How many examples a check names.
EXAMPLES = 5


class Check(msgspec.Struct):
    """A question, whether its answer is yes, and what was found, with examples of what is wrong."""

    name: str
    question: str
    ok: bool
    found: str
    examples: list[str] = []


class Gate(msgspec.Struct):
    """The checks of a month, and whether all are passed."""

    month: date
    ok: bool
    checks: list[Check]


class Case(NamedTuple):
    """The month that is asked about, and everything that an answer may rest on. `ends_at` is the month's end in UTC.

    `version` is that of the policy, where it has one; `mark` says on which prefix the ledger rests.
    """

    warehouse: Warehouse
    policy: Policy
    version: int | None
    mark: Watermark
    journal: Journal
    governed: Governance
    month: date
    ends_at: datetime
    now: datetime

    @property
    def label(self) -> str:
        """The month as it is written."""
        return f"{self.month:%Y-%m}"


class Found(NamedTuple):
    """What a check found: one line, and examples of what is wrong; without any it is passed."""

    found: str
    wrong: Sequence[str] = ()


def asked(case: Case, *, all_time: bool = False) -> Asked:
    """The report that a check reads: the month, or all months up to it."""
    return Asked("month", case.ends_at, None if all_time else case.month, case.month)


def chain(case: Case) -> Found:
    """Is the journal whole, entry by entry?"""
    told = case.journal.verify()
    if told.ok:
        return Found(f"{figures.plural(told.entries, 'entry', 'entries')}, all intact")
    return Found("the chain is broken", [f"entry {told.first_broken_seq}: {told.reason}"])


def adds_up(case: Case) -> Found:
    """Do all movements add up: opening + movements = closing, month by month, customer by customer?"""
    rows = rollforward.rollforward(case.warehouse, case.policy, asked(case, all_time=True))
    wrong = [f"{row.period_starts_on:%Y-%m}: {_sum(row)} is not {row.closing_micros}" for row in rows if _gap(row)]
    wrong += [
        f"{after.period_starts_on:%Y-%m} opens with {after.opening_micros}, not {before.closing_micros}"
        for before, after in pairwise(rows)
        if before.closing_micros != after.opening_micros
    ]
    try:
        build.audit(case.warehouse)
    except AuditFailed as error:
        wrong.append(str(error))
    return Found(f"{figures.plural(len(rows), 'month')} and every customer", wrong)


def _sum(row: Row) -> int:
    moved: int = sum(getattr(row, f"{kind}_micros") for kind in CLASSES)
    return row.opening_micros + moved


def _gap(row: Row) -> int:
    return _sum(row) - row.closing_micros


def listed(case: Case) -> Found:
    """Does ending MRR reconcile to the list of active subscriptions of the same close?"""
    rows = rollforward.rollforward(case.warehouse, case.policy, asked(case))
    closing = rows[-1].closing_micros if rows else 0
    case.warehouse.create("subscription_listed", sql("reports/subscription_list"))
    count, total = case.warehouse.one("SELECT count(*), coalesce(sum(mrr_micros), 0) FROM temp.subscription_listed")
    money = figures.exact(int(total))
    wrong = [] if total == closing else [f"the list comes to {money}, the roll-forward to {figures.exact(closing)}"]
    wrong += [f"{name} is active and not on the list" for name in _left_out(case)]
    return Found(f"{figures.plural(count, 'subscription')} come to {money} {case.policy['currency']}", wrong)


def _left_out(case: Case) -> list[str]:
    """Active subscriptions that nothing keeps from the list. By invoices, what counts is what was billed."""
    if case.policy["basis"] == "invoice":
        return []
    warehouse, at = case.warehouse, {"as_of": case.ends_at}
    warehouse.execute(f"CREATE OR REPLACE TEMP VIEW standing_snapshot AS {sql('reports/standing_snapshot')}")
    query = sql("reports/unlisted").replace("$as_of", f"TIMESTAMP '{case.ends_at.isoformat(sep=' ')}'")
    warehouse.create("unlisted_kept", query)
    customers = [name for (name,) in warehouse.rows("SELECT DISTINCT customer_id FROM temp.unlisted_kept")]
    if not customers:
        return []
    build.scope(warehouse, customers)
    build.derive(warehouse, horizon=case.ends_at)
    return [name for (name,) in warehouse.rows(sql("reports/left_out"), at)]


def classified(case: Case) -> Found:
    """Is every change, pause, credit and partial month classified?"""
    rollforward.rollforward(case.warehouse, case.policy, asked(case))
    case.warehouse.create("subscription_listed", sql("reports/subscription_list"))
    counts: Counter[str] = Counter()
    wrong = []
    ways = {
        "keep": case.policy["status.paused"] == "keep",
        "by_invoice": case.policy["basis"] == "invoice",
        "gap": case.policy["gap"],
    }
    for kind, subject, ok in case.warehouse.rows(sql("reports/classified"), ways):
        counts[kind] += 1
        wrong += [] if ok else [f"{kind} {subject}"]
    told = [figures.plural(counts[kind], kind) + _as(case.policy, kind) for kind in KINDS if counts[kind]]
    return Found(", ".join(told) or "nothing changed", wrong)


# Which policy key says what becomes of a kind of change.
KINDS: Mapping[str, str] = {
    "change": "",
    "pause": "status.paused",
    "credit": "credit_note",
    "partial month": "proration",
}


def _as(policy: Policy, kind: str) -> str:
    return f" ({KINDS[kind]} = {policy[KINDS[kind]]})" if KINDS[kind] else ""


def reckoned(case: Case) -> Found:
    """Is every item reckoned, none pending for want of a price or a rate?"""
    rows = case.warehouse.rows(
        """SELECT subscription_id || ' ' || item_id || ': ' || reason FROM ledger.pending
        WHERE starts_at < ? ORDER BY 1""",
        [case.ends_at],
    )
    return Found(figures.plural(len(rows), "item") + " pending", [name for (name,) in rows])


def rated(case: Case) -> Found:
    """Is there a fresh exchange rate for every currency in use at the month's end?"""
    names = stale(case.warehouse, case.ends_at)
    return Found(figures.plural(len(names), "stale rate"), names)


def readable(case: Case) -> Found:
    """Is every entry read, none in quarantine?"""
    rows = case.warehouse.rows("SELECT seq, key, reason FROM outcome WHERE outcome = 'quarantined' ORDER BY seq")
    said = figures.plural(len(rows), "entry in quarantine", "entries in quarantine")
    return Found(said, [f"entry {seq} {key}: {why}" for seq, key, why in rows])


def decided(case: Case) -> Found:
    """Is every conflict decided that bears on the month?"""
    begins_at = midnight(case.month, case.policy["timezone"])
    rows = case.warehouse.rows(sql("reports/undecided"))
    wrong = [
        f"entry {seq} {key}: {why}"
        for seq, key, why, starts, ends in rows
        if starts < case.ends_at and ends > begins_at
    ]
    others = f", {len(rows) - len(wrong):,} of other months" if len(rows) > len(wrong) else ""
    return Found(figures.plural(len(wrong), "undecided conflict") + others, wrong)


def over(case: Case) -> Found:
    """Is the month over?"""
    ended = case.ends_at <= case.now
    said = f"{case.label} ends {figures.local(case.ends_at, case.policy['timezone'])}"
    return Found(said, [] if ended else ["its days are not complete"])


def in_turn(case: Case) -> Found:
    """Is the month before closed?"""
    last = case.governed.last
    if last is None:
        return Found("it is the first close")
    due = next_period(last.sealed.month, "month")
    return Found(f"closed to {last.sealed.month:%Y-%m}", [] if case.month <= due else [f"{due:%Y-%m} is not closed"])


# What a definition must answer for, and what a month needs to be complete; in this order.
GATE: tuple[Callable[[Case], Found], ...] = (
    chain,
    adds_up,
    listed,
    classified,
    reckoned,
    rated,
    readable,
    decided,
)
CLOSE: tuple[Callable[[Case], Found], ...] = (over, in_turn, *GATE)


def run(case: Case, questions: Sequence[Callable[[Case], Found]]) -> list[Check]:
    """Ask all questions, also behind one that failed."""
    return list(_asked(case, questions))


def _asked(case: Case, questions: Sequence[Callable[[Case], Found]]) -> Iterator[Check]:
    for question in questions:
        found, wrong = question(case)
        name, said = question.__name__.replace("_", " "), (question.__doc__ or "").strip()
        more = [f"and {len(wrong) - EXAMPLES:,} more"] if len(wrong) > EXAMPLES else []
        yield Check(name, said, not wrong, found, [*wrong[:EXAMPLES], *more])
