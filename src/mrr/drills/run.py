"""A drill from its beginning to its end: strike, wait for the alert, mend, and see that the ledger is the true one."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import msgspec

from mrr.book import Book, clock
from mrr.derivation.engine import engine
from mrr.drills.load import Load, copied, fresh, load, scratch, tell_past, toml
from mrr.drills.plays import CONTROL, PLAYS, Play
from mrr.drills.sink import Sink, listening
from mrr.drills.stage import Stage
from mrr.errors import WrongUse
from mrr.watch.alerts import Alert
from mrr.watch.drilled import Alerted, Drilled
from mrr.watch.settings import FILE
from mrr.watch.told import Opened, Seen

# The watchers take so many turns before anything goes wrong.
QUIET = 4
ROUTE = "drill"
STARTS_ON = date(2026, 2, 1)


class Rehearsed(msgspec.Struct, frozen=True):
    """How a drill is run: the company by its seed and size, how long, and how often the watchers look."""

    seed: int = 1
    customers: int = 600
    hours: int = 48
    every: timedelta = timedelta(hours=1)

    @property
    def quiet(self) -> timedelta:
        """How long nothing goes wrong."""
        return QUIET * self.every


Progress = Callable[[str, int, int], None]


class Ground(msgspec.Struct):
    """The book in which the past was told, from which each drill takes its copy."""

    folder: Path
    load: Load
    how: Rehearsed


@contextmanager
def ground(how: Rehearsed, book: Path | None = None) -> Iterator[Ground]:
    """Prepare the ground once for any number of drills: a new book, or a copy of one, told the past of a company."""
    with scratch() as folder:
        place = folder / "ground"
        starts_on = STARTS_ON
        if book is None:
            fresh(place)
        else:
            copied(book, place)
        with Book(place) as made:
            if book is not None:
                starts_on = _after(made)
            past = load(how.seed, how.customers, starts_on, timedelta(hours=how.hours), how.quiet)
            tell_past(made, past)
            with clock.standing(past.begins_at):
                made.catch_up()
        yield Ground(folder, past, how)


def _after(book: Book) -> date:
    """The first of the month that begins after everything a book was told: simulated time goes on from there."""
    with clock.standing(clock.now()):
        last = max(clock.now(), datetime(1970, 1, 1) + timedelta(microseconds=book.journal.head().recorded_at))
    return date(last.year + last.month // 12, last.month % 12 + 1, 1)


def known(name: str) -> str:
    """The name of a drill. Raises WrongUse for one that is none."""
    if name != CONTROL and name not in PLAYS:
        raise WrongUse(f"there is no drill {name!r}", remedy=f"There are {', '.join((*PLAYS, CONTROL))}.")
    return name


def drill(name: str, place: Ground, progress: Progress | None = None) -> Drilled:
    """Run one drill, or the control run. Raises WrongUse for a name that is none."""
    known(name)
    with ExitStack() as stack:
        sink = stack.enter_context(listening())
        stage, truth = (stack.enter_context(_staged(place, f"{name}-{which}")) for which in ("stage", "truth"))
        _lead_to(stage.book.folder, sink)
        return _Run(name, PLAYS.get(name), stage, truth, sink, place.how, progress).through()


@contextmanager
def _staged(place: Ground, name: str) -> Iterator[Stage]:
    folder = place.folder / name
    shutil.copytree(place.folder / "ground", folder, ignore=shutil.ignore_patterns("owner.*"))
    with Book(folder) as book:
        yield Stage(book, place.load)
    shutil.rmtree(folder)


def _lead_to(folder: Path, sink: Sink) -> None:
    """Have all that is told arrive at the sink."""
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write("".join(toml({"routes": {ROUTE: {"urls": [sink.address]}}})))


class _Run:
    """One drill. On-call sees alerts and nothing else, and acts at the turn after the first message."""

    def __init__(
        self,
        name: str,
        play: Play | None,
        stage: Stage,
        truth: Stage,
        sink: Sink,
        how: Rehearsed,
        progress: Progress | None,
    ) -> None:
        self.name, self.play, self.stage, self.truth, self.sink = name, play, stage, truth, sink
        self.how, self.progress = how, progress
        self.begins_at = stage.load.begins_at + how.quiet
        self.detected_at: datetime | None = None
        self.mended_at: datetime | None = None
        self.recovered_at: datetime | None = None
        self.before = 0

    def through(self) -> Drilled:
        """All turns of it."""
        self._settle()
        if self.play is not None:
            self.play.strike(self.stage, self.begins_at, self.begins_at + self.play.lasts)
        turns = int((self.stage.load.ends_at - self.stage.load.begins_at) / self.how.every)
        for number in range(1, turns + 1):
            self._turn(self.stage.load.begins_at + number * self.how.every)
            if self.progress is not None:
                self.progress(self.name, number, turns)
        return self._report()

    def _settle(self) -> None:
        """What stands before the drill is none of its business; of a simulated company nothing does."""
        self.stage.watch()
        for alert in self.stage.standing():
            self.stage.resolve(alert, "stood before the drill")
        self.before = max((alert.alert_id for alert in self.stage.book.alerts()), default=0)
        self.sink.messages.clear()

    def _turn(self, at: datetime) -> None:
        self.stage.go_on(at)
        if self.play is not None and self.mended_at is None and self.detected_at is not None:
            self._mend(self.play, at)
        self.stage.watch()
        if self.detected_at is None and self._alerts() and self.sink.messages:
            self.detected_at = at
        if self.mended_at is not None and self.recovered_at is None and self._is_true(at):
            self._recovered(at)

    def _mend(self, play: Play, at: datetime) -> None:
        play.strike(self.stage, self.begins_at, min(at, self.begins_at + play.lasts))
        play.mend(self.stage, self.begins_at, self._alerts())
        self.mended_at = at

    def _is_true(self, at: datetime) -> bool:
        """Whether the ledger is as if nothing had gone wrong; what was on its way when it was mended comes first."""
        assert self.play is not None
        if at == self.mended_at or self.stage.signalled() & set(self.play.until_quiet):
            return False
        self.truth.go_on(at, reconcile=False)
        return self.truth.digest() == self.stage.digest()

    def _recovered(self, at: datetime) -> None:
        self.recovered_at = at
        for alert in self._alerts():
            if alert.state != "resolved":
                self.stage.resolve(alert, "the ledger agrees with the truth again")

    def _alerts(self) -> list[Alert]:
        return [alert for alert in reversed(self.stage.book.alerts()) if alert.alert_id > self.before]

    def _report(self) -> Drilled:
        self.truth.go_on(self.stage.now, reconcile=False)
        ours, true, found = self.stage.digest(), self.truth.digest(), self._alerts()
        told = [title for title, kind in self.sink.messages if kind != "success"]
        mended = self.play is None or self.recovered_at is not None
        return Drilled(
            drill=self.name,
            says=self.play.says if self.play else "nothing goes wrong",
            begins_at=self.begins_at,
            alerts=[_alerted(alert) for alert in found],
            messages=len(told),
            detected_minutes=_minutes(self.begins_at, self.detected_at),
            remedy=self.play.command if self.play else "",
            recovered_minutes=_minutes(self.begins_at, self.recovered_at),
            ledger_digest=ours,
            truth_digest=true,
            equal=ours == true,
            passed=ours == true and mended and len(told) == (0 if self.play is None else 1),
            engine=engine(),
            seed=self.how.seed,
            customers=self.how.customers,
            hours=self.how.hours,
            every_minutes=self.how.every // timedelta(minutes=1),
        )


def _alerted(alert: Alert) -> Alerted:
    sent = [key for key, one in alert.messages.items() if one.sent_at is not None and not key.endswith("/resolved")]
    seen = [event.said for event in alert.history if isinstance(event.said, Opened | Seen)]
    rules = dict.fromkeys(finding.rule for said in seen for finding in said.findings)
    first = seen[0].findings[0].summary
    return Alerted(
        alert_id=alert.alert_id,
        urgency=alert.urgency,
        cause=alert.cause,
        rules=list(rules),
        named=alert.rule,
        summary=first,
        opened_at=alert.opened_at,
        told=len(sent),
    )


def _minutes(since: datetime, at: datetime | None) -> int | None:
    return None if at is None else int((at - since) / timedelta(minutes=1))


def drills(
    names: Sequence[str], how: Rehearsed, book: Path | None = None, progress: Progress | None = None
) -> Iterator[Drilled]:
    """Some drills one after the other, on one ground."""
    with ground(how, book) as place:
        for name in names:
            yield drill(name, place, progress)
