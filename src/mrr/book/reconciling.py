"""Verbs that reconcile: the book against what a provider, the invoices, the cash and other systems say."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import msgspec

import mrr.book.clock as clock
from mrr.book.desk import Desk
from mrr.dates import first_day
from mrr.derivation import ingest, rehearsal
from mrr.errors import WrongUse
from mrr.journal import Record
from mrr.keeper import verb
from mrr.period import instant, micros_of, midnight
from mrr.proration import RULES
from mrr.providers import live
from mrr.reconcile import accounts, cash, history, invoiced, lists, outside, parity, prorations
from mrr.reconcile.listed import absent, compare
from mrr.reconcile.outcome import THRESHOLD, Asked, Reconciled, Weighed, reconciled
from mrr.reconcile.sides import entries

# Longer than the slowest page of a provider that still works.
TIMEOUT_S = 60
# Of so many subscriptions that a live list lacks the provider is asked by their ids; more are no accident.
ASKED_FOR = 1000
MONTH = timedelta(days=31)


class AgainstList(msgspec.Struct):
    """A comparison with a provider's list, and the places in it (from 0) of what may be appended safely."""

    found: Reconciled
    safe: list[int]


class Reconciling(Desk):
    """Whether the book agrees with what others say. Each comparison leaves an entry of source `reconciliation`."""

    def reconcile_subscriptions(
        self,
        *,
        path: str | None = None,
        source: str = "",
        base: str | None = None,
        timeout: int = TIMEOUT_S,
        observed_at: str | None = None,
        threshold: str | None = None,
        backfill: bool = False,
    ) -> Reconciled:
        """The active subscriptions of the book against the provider's own list: a file, else its live API.

        `base` is another address of the API, `timeout` in seconds. With `backfill` the snapshots that the book lacks
        are appended where that is safe, and the answer is what is left.
        """
        bound(threshold)
        if path is not None and backfill and observed_at is None:
            remedy = "Say --observed-at: an old list must not overrule what the book has learned since."
            raise WrongUse(f"when was {path} true?", remedy=remedy)
        if path is None and observed_at is not None:
            raise WrongUse("a live list is true now", remedy="Leave out --observed-at.")
        at = self._seen(observed_at) or clock.now_micros()
        with self._list(path, source, base, timeout, at) as (records, source, told_by):

            def held() -> AgainstList:
                return self.against_list(
                    records=str(records), source=source, at=at, theirs=told_by, threshold=threshold
                )

            answer = held()
            self._keep(answer.found)
            if not backfill or not answer.safe:
                return answer.found
            taken = self._backfill(records, answer.safe, source, told_by)
            return self._keep(msgspec.structs.replace(held().found, backfilled=taken))

    @contextmanager
    def _list(
        self, path: str | None, source: str, base: str | None, timeout: int, at: int
    ) -> Iterator[tuple[Path, str, str]]:
        """The list as a file of records, its source, and who told it."""
        with TemporaryDirectory(prefix="mrr-") as folder:
            records = Path(folder) / "records"
            if path is not None:
                source, bodies = lists.of_file(path, source)
                rehearsal.keep(ingest.records(source, bodies, at), records)
                yield records, source, f"the list in {Path(path).name}"
                return
            source = source or next(iter(live.LIVE))
            asked = live.of_source(source)
            listed = Path(folder) / "listed"
            rehearsal.keep(ingest.records(source, asked.listed(base, timeout), at), listed)
            absent_ids = self.absent_from_list(records=str(listed), source=source, at=at)
            ended = asked.found(base, timeout, absent_ids[:ASKED_FOR])
            rehearsal.keep(chain(rehearsal.kept(listed), ingest.records(source, ended, at)), records)
            yield records, source, f"the live list of {source}"

    @verb
    def absent_from_list(self, *, records: str, source: str, at: int) -> list[str]:
        """The provider's ids of what counts in the book at an instant (µs) and is not among the records of a file."""
        book, told = self.prepared(), entries(Path(records), source, self.journal.head())
        return absent(book, self.policy, told, source, instant(at))

    @verb
    def against_list(self, *, records: str, source: str, at: int, theirs: str, threshold: str | None) -> AgainstList:
        """The records of a file, a list observed at an instant (µs), against the book."""
        book, head = self.prepared(), self.journal.head()
        listed = compare(book, self.policy, entries(Path(records), source, head), source, instant(at))
        asked = Asked("subscriptions", "the book", theirs, instant(at), bound(threshold), source)
        return AgainstList(self._reconciled(asked, listed.weighed), [seq - head.seq - 1 for seq in listed.safe])

    def reconcile_invoices(self, *, as_of: str | None = None, threshold: str | None = None) -> Reconciled:
        """MRR by subscriptions against MRR by the invoices for the same instant."""
        return self._keep(self.against_invoices(at=self._at(as_of), threshold=threshold))

    @verb
    def against_invoices(self, *, at: int, threshold: str | None) -> Reconciled:
        """What `reconcile_invoices` answers, for an instant in µs. Nothing is kept of it."""
        asked = Asked("invoices", "the subscriptions", "the invoices", instant(at), bound(threshold))
        found = invoiced.compare(self.prepared(), self.policy, self.journal.head().seq, asked.at)
        return self._reconciled(asked, found)

    def reconcile_cash(
        self, *, first: str | None = None, as_of: str | None = None, threshold: str | None = None
    ) -> Reconciled:
        """MRR against what was charged since `first` (else a month): twice, without subscription, not at all."""
        return self._keep(self.against_cash(first=first, at=self._at(as_of), threshold=threshold))

    @verb
    def against_cash(self, *, first: str | None, at: int, threshold: str | None) -> Reconciled:
        """What `reconcile_cash` answers, for an instant in µs. Nothing is kept of it."""
        asked = Asked("cash", "the subscriptions", "the charges", instant(at), bound(threshold))
        since = self._since(first) or asked.at - MONTH
        return self._reconciled(asked, cash.compare(self.prepared(), self.policy, asked.at, first=since))

    def reconcile_export(
        self,
        *,
        what: Literal["crm", "entitlements"],
        path: str,
        source: str | None = None,
        columns: dict[str, str] | None = None,
        words: dict[str, str] | None = None,
        as_of: str | None = None,
        threshold: str | None = None,
    ) -> Reconciled:
        """The book against a table of customers from another system.

        `columns` name the columns of fields, `words` what words of status mean; the rest is recognised, and said.
        """
        told = accounts.of_file(path, self._usual(), columns or {}, words or {})
        with TemporaryDirectory(prefix="mrr-") as folder:
            copy = Path(folder) / "accounts"
            copy.write_bytes(msgspec.json.encode(told))
            name = Path(path).name
            return self._keep(
                self.against_export(
                    what=what, told=str(copy), name=name, source=source, at=self._at(as_of), threshold=threshold
                )
            )

    @verb
    def against_export(
        self, *, what: str, told: str, name: str, source: str | None, at: int, threshold: str | None
    ) -> Reconciled:
        """What `reconcile_export` answers, of an export that was read into a file of ours. Nothing is kept of it."""
        asked = Asked(what, "the book", name, instant(at), bound(threshold))
        export = msgspec.json.decode(Path(told).read_bytes(), type=accounts.Accounts)
        return self._reconciled(asked, outside.compare(self.prepared(), self.policy, export, asked.at, source))

    def reconcile_prorations(
        self,
        *,
        rule: str = "second",
        first: str | None = None,
        source: str | None = None,
        as_of: str | None = None,
        threshold: str | None = None,
    ) -> Reconciled:
        """The prorations on invoices since `first` against what price and period come to, by a rule."""
        at = self._at(as_of)
        return self._keep(self.against_periods(rule=rule, first=first, source=source, at=at, threshold=threshold))

    @verb
    def against_periods(
        self, *, rule: str, first: str | None, source: str | None, at: int, threshold: str | None
    ) -> Reconciled:
        """What `reconcile_prorations` answers, for an instant in µs. Nothing is kept of it."""
        if rule not in RULES:
            raise WrongUse(f"{rule!r} is no rule of proration", remedy=f"Use one of {', '.join(RULES)}.")
        asked = Asked("prorations", "recomputed", "the invoices", instant(at), bound(threshold), source or "")
        book, since = self.prepared(), self._since(first)
        found = prorations.compare(book, self.policy, RULES[rule], asked.at, first=since, source=source)
        return self._reconciled(asked, found)

    def reconcile_parity(
        self,
        *,
        old: str,
        new: str,
        path: str | None = None,
        as_of: str | None = None,
        threshold: str | None = None,
    ) -> Reconciled:
        """Two sources of this book, customer by customer; `path` is a CSV of old and new ids."""
        ids = {} if path is None else parity.mapping(path)
        return self._keep(self.against_source(old=old, new=new, ids=ids, at=self._at(as_of), threshold=threshold))

    @verb
    def against_source(self, *, old: str, new: str, ids: dict[str, str], at: int, threshold: str | None) -> Reconciled:
        """What `reconcile_parity` answers, for an instant in µs. Nothing is kept of it."""
        asked = Asked("parity", old, new, instant(at), bound(threshold))
        book, seq = self.prepared(), self.journal.head().seq
        known = {name for (name,) in book.rows("SELECT DISTINCT source FROM outcome")}
        for name in (old, new):
            if name not in known:
                raise WrongUse(
                    f"nothing is known of a source {name!r}", remedy=f"There are {', '.join(sorted(known))}."
                )
        return self._reconciled(asked, parity.compare(book, self.policy, seq, asked.at, (old, new), ids))

    def _at(self, as_of: str | None) -> int:
        return micros_of(self._moment(as_of))

    def _since(self, first: str | None) -> datetime | None:
        day = first_day(first)
        return None if day is None else midnight(day, self.policy["timezone"])

    def _backfill(self, records: Path, safe: list[int], source: str, told_by: str) -> int:
        wanted = set(safe)
        kept = [record for place, record in enumerate(rehearsal.kept(records)) if place in wanted]
        receipt = self.journal.append(source, kept, clock.now_micros(), f"backfill from {told_by}"[:200])
        return receipt.appended

    def _reconciled(self, asked: Asked, found: Weighed) -> Reconciled:
        return reconciled(self._definition("mrr.ending", asked.at), asked, found)

    def _keep(self, found: Reconciled) -> Reconciled:
        """Append a comparison to the history."""
        now = clock.now_micros()
        body = history.body(found, now)
        self.journal.append(history.SOURCE, [Record(f"{found.what}/{now}", found.what, body, now)], now)
        return found

    @verb
    def reconciliations(self) -> list[history.Run]:
        """Every comparison that was ever made, the latest last."""
        rows = self.ledger().rows(
            "SELECT seq FROM outcome WHERE source = $source ORDER BY seq", {"source": history.SOURCE}
        )
        return [history.read(entry.body) for entry in self.journal.entries([seq for (seq,) in rows])]


def bound(threshold: str | None) -> Decimal:
    """A threshold in percent. Raises WrongUse for what is none."""
    if threshold is None:
        return THRESHOLD
    try:
        percent = Decimal(threshold.removesuffix("%"))
    except InvalidOperation:
        percent = Decimal(-1)
    if not percent.is_finite() or not 0 <= percent <= 100:
        raise WrongUse(f"{threshold!r} is no threshold", remedy="Write a percentage from 0 to 100, such as 0.5.")
    return percent
