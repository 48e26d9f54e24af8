"""The stage of a drill: a scratch book that is told what arrives, reconciled and watched in simulated time."""

import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from mrr.book import Book, clock
from mrr.drills.load import BASE, DAY, RATES_AT, Load, arrivals, deliver, seconds, tell_rates
from mrr.simulate import Rate
from mrr.simulate.mishaps import SOURCE, Sent, listed
from mrr.watch.alerts import Alert

# How often the book is held against the provider's list: what a cron entry does in production.
RECONCILED = timedelta(hours=6)


class Stage:
    """A book in the course of simulated time: what arrived before `now` was told, `stream` is what arrives."""

    def __init__(self, book: Book, load: Load) -> None:
        self.book, self.load = book, load
        self.stream: Sequence[Sent] = load.stream
        self.rates: Sequence[Rate] = load.rates
        self.now = load.begins_at

    def go_on(self, until: datetime, *, reconcile: bool = True) -> None:
        """Let time pass: what arrives is kept as it arrives, rates as they are published, and all of it is posted."""
        before = self.now
        deliver(self.book, arrivals(self.stream, before, until))
        for published in (day for day in _published(before, until)):
            tell_rates(self.book, [one for one in self.rates if one.day == published.date()], published)
        self.now = until
        with clock.standing(until):
            self.book.catch_up()
            if reconcile and int((until - self.load.begins_at) / RECONCILED) > int(
                (before - self.load.begins_at) / RECONCILED
            ):
                self._reconcile()

    def _reconcile(self) -> None:
        """Hold the book against the provider's own list, which is right whatever was delivered."""
        with tempfile.TemporaryDirectory(prefix="mrr-") as folder:
            path = Path(folder) / "list.json"
            path.write_bytes(listed(self.load.stream, seconds(self.now)))
            self.book.reconcile_subscriptions(path=str(path), source=SOURCE)

    def watch(self) -> None:
        """One turn of the watchers, as the service has them take one a minute."""
        with clock.standing(self.now):
            self.book.watch()

    def signalled(self) -> set[str]:
        """The rules of the signals that find something now."""
        with clock.standing(self.now):
            return {finding.rule for finding in self.book.signals()}

    def standing(self) -> list[Alert]:
        """The alerts that are not resolved, the first one first."""
        return sorted(self.book.alerts(state="standing"), key=lambda one: one.alert_id)

    def resolve(self, alert: Alert, reason: str) -> None:
        """What on-call does when it is over."""
        with clock.standing(self.now):
            self.book.resolve(alert=alert.alert_id, author="on-call", reason=reason)

    def digest(self) -> str:
        """The fingerprint of the whole ledger."""
        with clock.standing(self.now):
            return self.book.definition().ledger_digest

    # ----- what on-call can do

    def replay(self, archive: Sequence[Sent]) -> None:
        """`mrr import ARCHIVE`: what is known already is not doubled."""
        with tempfile.TemporaryDirectory(prefix="mrr-") as folder, clock.standing(self.now):
            path = Path(folder) / "archive.jsonl"
            path.write_bytes(b"".join(one.body + b"\n" for one in archive))
            self.book.append(str(path), source=SOURCE)

    def backfill(self) -> None:
        """`mrr reconcile subscriptions --backfill`."""
        with tempfile.TemporaryDirectory(prefix="mrr-") as folder, clock.standing(self.now):
            path = Path(folder) / "list.json"
            path.write_bytes(listed(self.load.stream, seconds(self.now)))
            seen = f"{self.now.isoformat()}Z"
            self.book.reconcile_subscriptions(path=str(path), source=SOURCE, observed_at=seen, backfill=True)

    def reconcile(self) -> None:
        """`mrr reconcile subscriptions`, to see that nothing is left."""
        with clock.standing(self.now):
            self._reconcile()

    def told(self, entry: int) -> list[dict[str, str]]:
        """`mrr edit correct ENTRY`: what it tells, the values of each fact by path."""
        with clock.standing(self.now):
            return [fact.values for fact in self.book.told(entry=entry)]

    def correct(self, entry: int, changes: Mapping[str, str], reason: str) -> None:
        """`mrr edit correct ENTRY PATH=VALUE`."""
        with clock.standing(self.now):
            self.book.correct(entry=entry, author="on-call", reason=reason, changes=changes)
            self.book.catch_up()


def _published(since: datetime, until: datetime) -> list[datetime]:
    """The instants within a stretch at which a day's rates come out."""
    first = datetime(since.year, since.month, since.day) + RATES_AT
    days = (first + number * DAY for number in range((until - since).days + 2))
    return [at for at in days if since <= at < until]


__all__ = ["BASE", "RECONCILED", "Stage"]
