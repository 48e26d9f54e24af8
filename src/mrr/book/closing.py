"""Verbs that close months: the checks that a month must pass, sealing it, opening it again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import mrr.book.clock as clock
from mrr import bridge
from mrr.book.desk import Desk
from mrr.controls import checks, close, pricing
from mrr.controls.checks import Case, Check, Gate
from mrr.controls.close import ClosedMonth, Told
from mrr.dates import first_day
from mrr.derivation import posting
from mrr.errors import MrrError, WrongUse
from mrr.governance import SOURCE, Close, Reopened, record
from mrr.keeper import verb
from mrr.ledger_words import as_closed
from mrr.period import local_day, midnight, next_period
from mrr.restate import Restatement, restated


class Closing(Desk):
    """Which months are closed, and on what."""

    @verb
    def gate(self, *, month: str | None = None) -> Gate:
        """The validation questions of the definition, asked of a month; else of the last that is over."""
        asked = _month(month) if month else _before(local_day(clock.now(), self.policy["timezone"]))
        with self._case(asked) as case:
            found = checks.run(case, checks.GATE)
        return Gate(asked, all(check.ok for check in found), found)

    @verb
    def close_month(self, *, month: str, author: str, reason: str = "", force: bool = False) -> ClosedMonth:
        """Seal a month. Raises MrrError while a check fails, unless it is forced with a reason.

        Raises WrongUse for a month that is closed, has not begun, or lies before one that is closed.
        """
        asked = _month(month)
        self._refuse(asked)
        if force and not reason.strip():
            raise WrongUse("a close is forced with a reason", remedy="Give it with --reason.")
        with self._case(asked) as case:
            found = checks.run(case, checks.CLOSE)
            failed = [check.name for check in found if not check.ok]
            if failed and not force:
                raise MrrError(
                    _refusal(asked, found), remedy="Settle it, or close all the same: --force --reason TEXT."
                )
            entries = close.sealed(case, Told(author, reason, failed))
        self.journal.append(SOURCE, entries, clock.now_micros(), f"close {asked:%Y-%m}")
        self._governing()
        last = self.governed.last
        assert last is not None
        return _told(last, found)

    @verb
    def reopen_month(self, *, month: str, author: str, reason: str) -> ClosedMonth:
        """Open the latest closed month again; what was sealed stays in the journal. Raises WrongUse for any other."""
        asked, last = _month(month), self.governed.last
        if last is None or self.governed.closed(asked) is None:
            raise WrongUse(f"{asked:%Y-%m} is not closed", remedy="`mrr closes` lists the closed months.")
        if last.sealed.month != asked:
            later = f"{last.sealed.month:%Y-%m}"
            raise WrongUse(f"{later} is closed on top of {asked:%Y-%m}", remedy=f"Reopen {later} first.")
        if not reason.strip():
            raise WrongUse("a month is reopened for a reason", remedy="Give it with --reason.")
        opened = record(Reopened(asked, last.digest, author, reason), f"{asked:%Y-%m}", last.seq)
        self.journal.append(SOURCE, [opened], clock.now_micros(), f"reopen {asked:%Y-%m}")
        self._governing()
        return _told(last)

    @verb
    def closes(self) -> list[ClosedMonth]:
        """The closed months, in their order."""
        return [_told(one) for one in self.governed.closes]

    @verb
    def restate(self, *, month: str) -> Restatement:
        """What became of a closed month since, under the policy by which it was closed; each entry behind it."""
        asked, head = _month(month), self.prepared()
        one = self.governed.closed(asked)
        if one is None:
            raise WrongUse(f"{asked:%Y-%m} is not closed", remedy="`mrr closes` lists the closed months.")
        then, posted = as_closed(one), self._posted(head)
        now = then._replace(seq=posted, edits_seq=posted)
        with pricing.beside(head, self.policy, then.policy, posted) as ledger:
            rows = close.rows(ledger, then.policy, asked)
        shown = bridge.Asked(one.sealed.as_of, asked, next_period(asked, "month"))
        seal = bridge.seal_of(self.journal, one)
        ends = bridge.End(f"close:{asked:%Y-%m}", then, seal), bridge.End("now", now)
        told = bridge.bridge(head, *ends, shown, self._definition("mrr.ending", one.sealed.as_of), self.progress)
        return restated(head, one, seal.rows, rows, told)

    def _refuse(self, month: date) -> None:
        last, today = self.governed.last, local_day(clock.now(), self.policy["timezone"])
        if self.governed.closed(month) is not None:
            raise WrongUse(f"{month:%Y-%m} is closed already", remedy=f"`mrr reopen {month:%Y-%m}` opens it again.")
        if month > today:
            raise WrongUse(f"{month:%Y-%m} has not begun", remedy="Close it when it is over.")
        if last is not None and month < last.sealed.month:
            raise WrongUse(
                f"{month:%Y-%m} lies before {last.sealed.month:%Y-%m}, which is closed",
                remedy="A close seals all that was before it, too.",
            )

    @contextmanager
    def _case(self, month: date) -> Iterator[Case]:
        """A month under the policy that holds in it."""
        warehouse, version = self.prepared(), self.governed.holds(month)
        policy = version.policy() if version is not None else self.policy
        mark, number = posting.watermark(warehouse), version.version if version is not None else None
        assert mark is not None
        ends_at = midnight(next_period(month, "month"), policy["timezone"])
        with pricing.beside(warehouse, self.policy, policy, mark.seq) as ledger:
            yield Case(ledger, policy, number, mark, self.journal, self.governed, month, ends_at, clock.now())


def _month(text: str) -> date:
    month = first_day(text)
    if month is None or len(text.split("-")) != 2:
        raise WrongUse(f"{text!r} is no month", remedy="Write it as 2026-10.")
    return month


def _before(day: date) -> date:
    """The month before that of a day."""
    return date.fromordinal(day.replace(day=1).toordinal() - 1).replace(day=1)


def _refusal(month: date, found: list[Check]) -> str:
    failed = [f"{check.name} ({'; '.join(check.examples)})" for check in found if not check.ok]
    return f"{month:%Y-%m} cannot be closed: {', '.join(failed)}"


def _told(one: Close, found: list[Check] | None = None) -> ClosedMonth:
    return ClosedMonth(one.sealed.month, one.seq, one.digest, one.sealed, found or [])
