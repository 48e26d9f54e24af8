"""Verbs that watch: what is wrong now, the alerts that it came to, who is told, what it costs, what to write of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Literal

import msgspec

import mrr.book.clock as clock
import mrr.book.drawing as drawing
from mrr.book.asking import Asking
from mrr.book.checking import Checking
from mrr.book.detecting import Detecting
from mrr.book.measuring import Measuring
from mrr.dates import asked_at
from mrr.errors import MrrError, WrongUse
from mrr.governance import Promoted, RolledBack
from mrr.keeper import report
from mrr.period import instant, local_day, micros_of
from mrr.watch import alerts as folding
from mrr.watch import delivery, digest, impact, postmortem, rules, told
from mrr.watch.alerts import Alert, Board, Silence
from mrr.watch.digest import Digest, Which
from mrr.watch.finding import Finding
from mrr.watch.impact import Concern, Impact
from mrr.watch.postmortem import Moment, Postmortem
from mrr.watch.remedies import Remedy, remedies
from mrr.watch.settings import Settings, settings, span
from mrr.watch.store import Alerts

# Days of MRR that the picture of a message shows.
PICTURED = 30
# Entries of these sources tell of decisions, not of customers.
DECISIONS = ("governance", "edits", "reconciliation")


class Watched(msgspec.Struct):
    """One turn of the watchers: what they found, which alerts it opened and ended, and who was told."""

    at: datetime
    findings: list[Finding]
    opened: list[int]
    resolved: list[int]
    sent: list[str]
    unsent: list[str]


class Watching(Asking, Checking, Measuring, Detecting):
    """What notices trouble, and what is done about it."""

    @cached_property
    def _alerts(self) -> Alerts:
        return Alerts(self.journal)

    @report
    def found(self, *, at: int) -> list[Finding]:
        """What every watcher finds at the present (µs). One that fails is itself a finding, and hides no other."""
        moment, meant = instant(at), settings(self.folder)
        return [
            finding for name, watcher in self._watchers(moment, meant) for finding in _guarded(name, watcher, moment)
        ]

    def _watchers(self, at: datetime, meant: Settings) -> Iterator[tuple[str, Callable[[], Iterable[Finding]]]]:
        sight = self.sight()
        yield "rules", lambda: rules.findings(sight.warehouse, sight.policy, at, meant.rules)
        yield "signals", self.signals
        yield "anomalies", self.anomalies
        yield "objectives", self.missed

    def watch(self) -> Watched:
        """One turn: have the watchers look, note what became of every alert, tell people, send the digests due.

        Raises WrongUse for a watch.toml that cannot be read.
        """
        at, meant = clock.now(), settings(self.folder)
        patience = folding.Patience(*map(span, _times(meant)))
        found = self.found(at=micros_of(at))

        def turned(board: Board) -> Iterator[tuple[int, told.Said]]:
            return folding.turn(board, [*found, *delivery.failing(board)], at, patience)

        events = self._alerts.happen(turned, at, told.WATCH)
        delivered = [*self._tell(meant, at), *self._digests(meant, at)]
        return Watched(
            at=at,
            findings=found,
            opened=[event.alert_id for event in events if isinstance(event.said, told.Opened)],
            resolved=[event.alert_id for event in events if isinstance(event.said, told.Resolved)],
            sent=[name for name, error in delivered if not error],
            unsent=[f"{name}: {error}" for name, error in delivered if error],
        )

    def _tell(self, meant: Settings, at: datetime) -> Iterator[tuple[str, str]]:
        """Send every message that is due, each taken on first so that no other process sends it too."""
        wanted = list(delivery.due(self._alerts.board(), meant, at))
        if not wanted:
            return
        claims = self._alerts.happen(lambda board: delivery.claimed(board, wanted, meant, at), at, told.WATCH)
        picture, board, promoted_at = self._picture(at), self._alerts.board(), self.promoted_at()
        for claim in claims:
            assert isinstance(claim.said, told.Sending)
            alert, route, stage = board.alerts[claim.alert_id], claim.said.route, claim.said.stage
            error = delivery.send(meant.routes[route], delivery.letter(alert, stage, meant, picture, promoted_at))
            said = told.Unsent(route, stage, error) if error else told.Sent(route, stage, alert.urgency)
            self._happen(claim.alert_id, said, told.WATCH)
            yield f"alert {claim.alert_id} {stage} to {route}", error

    def _picture(self, at: datetime) -> bytes:
        """The MRR of the last days as a PNG; nothing where there is none yet."""
        # The libraries that draw are slow to load, and most turns tell nobody anything.
        from mrr.charts import DRAWINGS

        first = date.fromordinal(local_day(at, self.policy["timezone"]).toordinal() - PICTURED)
        try:
            return DRAWINGS["png"](drawing.spec(self, "mrr", {"interval": "day", "first": first.isoformat()}), "light")
        except MrrError:
            # A book without any movement has nothing to show, and one that nets by months knows no days.
            return b""

    # ----- alerts

    def alerts(self, *, state: Literal["open", "acknowledged", "resolved", "standing"] | None = None) -> list[Alert]:
        """The alerts, the latest first: all, those of a state, or those that are not resolved (`standing`)."""
        found = sorted(self._alerts.board().alerts.values(), key=lambda one: -one.alert_id)
        return [one for one in found if state in (None, one.state) or (state == "standing" and one.state != "resolved")]

    def alert(self, *, alert: int) -> Alert:
        """One alert. Raises WrongUse where there is none of that number."""
        found = self._alerts.board().alerts.get(alert)
        if found is None:
            raise WrongUse(f"there is no alert {alert}", remedy="`mrr alerts --all` lists them.")
        return found

    def offered(self, *, alert: int) -> list[Remedy]:
        """What may safely be done about an alert."""
        return remedies(self.alert(alert=alert), self.promoted_at())

    def promoted_at(self) -> datetime | None:
        """When the official policy was promoted; None where it was not, or where there is nothing to roll back to."""
        self.governed.catch_up(self.journal)
        for act in reversed(self.governed.acts):
            match act.decision:
                case Promoted(_, "official"):
                    return act.recorded_at if self.governed.former is not None else None
                case RolledBack():
                    return None
        return None

    def acknowledge(self, *, alert: int, author: str, reason: str = "") -> Alert:
        """Take an alert on. Raises WrongUse for one that is resolved."""
        if self.alert(alert=alert).state == "resolved":
            raise WrongUse(f"alert {alert} is resolved", remedy="`mrr alerts` lists those that stand.")
        self._happen(alert, told.Acknowledged(reason), _who(author))
        return self.alert(alert=alert)

    def resolve(self, *, alert: int, author: str, reason: str) -> Alert:
        """Say that it is over; as long as `resolved_holds` the same finding opens no other. Raises WrongUse."""
        if not reason.strip():
            raise WrongUse("a resolution needs its reason", remedy="Give --reason: it stays with the alert.")
        if self.alert(alert=alert).state == "resolved":
            raise WrongUse(f"alert {alert} is resolved already", remedy="`mrr alerts` lists those that stand.")
        self._happen(alert, told.Resolved(reason), _who(author))
        return self.alert(alert=alert)

    def silence(self, *, matching: str, ends_at: str, author: str, reason: str) -> datetime:
        """Tell nobody of alerts whose id, cause or rule matches (`F4.*`) until an instant, which is answered."""
        until = asked_at(ends_at, self.policy["timezone"])
        if until <= clock.now():
            raise WrongUse(f"{ends_at} is over", remedy="Name an instant to come.")
        if not reason.strip():
            raise WrongUse("a silence needs its reason", remedy="Give --reason.")
        self._happen(0, told.Silenced(matching, until, reason), _who(author))
        return until

    def lift(self, *, matching: str, author: str, reason: str = "") -> list[Silence]:
        """End what is silenced under exactly this pattern; what still is silenced. Raises WrongUse where nothing is."""
        if matching not in {one.matching for one in self.silences()}:
            raise WrongUse(f"{matching!r} is not silenced", remedy="`mrr silences` lists what is.")
        self._happen(0, told.Lifted(matching, reason), _who(author))
        return self.silences()

    def silences(self) -> list[Silence]:
        """What people have silenced and until when, as far as it still holds; the latest last."""
        at = clock.now()
        return [one for one in self._alerts.board().silences if one.ends_at > at]

    def _happen(self, alert: int, said: told.Said, actor: str) -> None:
        self._alerts.happen(lambda _: [(alert, said)], clock.now(), actor)

    # ----- digests

    def digest(self, *, which: Which = "daily", as_of: str | None = None) -> Digest:
        """The last whole day, week or month before an instant, in short."""
        at = self._moment(as_of)
        found = digest.due(which, at, "00:00", self.policy["timezone"], _week(self.policy["report.week_start"]))
        assert found is not None
        return self._digest(which, *found)

    def _digest(self, which: Which, starts_on: date, until: datetime) -> Digest:
        ends = date.fromordinal(digest.ends(starts_on, which).toordinal() - 1).isoformat()
        first, as_of = starts_on.isoformat(), f"{until.isoformat()}Z"
        told_of = self.rollforward(interval=digest.GRAINS[which], first=first, last=ends, as_of=as_of)
        moved = self.movements(first=first, last=ends, as_of=as_of).rows
        begins = asked_at(starts_on.isoformat(), self.policy["timezone"])
        return Digest(
            which=which,
            definition=told_of.definition,
            starts_on=starts_on,
            until=until,
            row=told_of.rows[-1] if told_of.rows else None,
            largest=digest.largest(moved),
            alerts=[
                alert
                for alert in self.alerts()
                if alert.opened_at < until and (alert.resolved_at is None or alert.resolved_at >= begins)
            ],
            quarantined=sum(one.outcome == "quarantined" for one in self.quarantine()),
        )

    def _digests(self, meant: Settings, at: datetime) -> Iterator[tuple[str, str]]:
        """Send the digests that are due and have not arrived, each a route; a failed one again after a while."""
        week = _week(self.policy["report.week_start"])
        for name, route in meant.routes.items():
            for which in digest.GRAINS:
                over = digest.due(which, at, meant.digests.at, self.policy["timezone"], week)
                last = self._alerts.board().digests.get((name, which))
                if which in route.tells and over is not None and delivery.digest_due(last, over[1], at):
                    found = self._digest(which, *over)
                    message = delivery.Letter(found.title, found.text(), "info", self._picture(at))
                    error = delivery.send(route, message)
                    self._happen(0, told.Digested(which, over[1], name, error), told.WATCH)
                    yield f"{which} digest to {name}", error

    def test_route(self, *, route: str) -> str:
        """Send a message that says it is a test; empty where it arrived, else why not. Raises WrongUse."""
        meant = settings(self.folder)
        if route not in meant.routes:
            known = ", ".join(meant.routes) or "none in watch.toml yet"
            raise WrongUse(f"there is no route {route!r}", remedy=f"There are: {known}.")
        name = self.settings.get("name", self.folder.name)
        message = delivery.Letter(f"A test of the route {route}", f"The book {name} reaches you here.", "info")
        return delivery.send(meant.routes[route], message)

    # ----- incidents

    @report
    def impact(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        plans: Sequence[str] = (),
        where: Sequence[tuple[str, str]] = (),
        codes: Sequence[str] = (),
        customers: Sequence[str] = (),
    ) -> Impact:
        """Who was concerned from `since` (else a day ago) until `until` (else now), and what it is about in money.

        Without plans, attributes, failure codes or customers it is whoever had a failed payment, a checkout that came
        to nothing, or a loss.
        """
        at, sight = clock.now(), self.sight()
        begins, ends = self._stretch(since, until, at)
        concern = Concern(begins, ends, tuple(plans), tuple((k, v) for k, v in where), tuple(codes), tuple(customers))
        return impact.impact(sight.warehouse, self._definition("mrr.ending", at), concern, at)

    def postmortem(
        self,
        *,
        alert: int | None = None,
        since: str | None = None,
        until: str | None = None,
        title: str = "",
        plans: Sequence[str] = (),
        where: Sequence[tuple[str, str]] = (),
        codes: Sequence[str] = (),
        customers: Sequence[str] = (),
    ) -> Postmortem:
        """The draft of a postmortem: of a stretch of time, or of an alert, with its time and customers unless others
        are said; of whom it tells is what `impact` answers to the same words.
        """
        of = None if alert is None else self.alert(alert=alert)
        at = clock.now()
        begins, ends = self._stretch(since, until, at)
        if of is not None:
            begins, ends = begins if since else of.begins_at, ends if until else of.resolved_at or at
        from_at, to_at = f"{begins.isoformat()}Z", f"{max(ends, begins + _LEAST).isoformat()}Z"
        whom = customers or (() if of is None else tuple(of.customers))
        concerned = self.impact(since=from_at, until=to_at, plans=plans, where=where, codes=codes, customers=whom)
        every = [one for one in self.alerts() if one.opened_at <= at and (one.resolved_at or at) >= begins]
        mine = [of] if of is not None else every
        done = (
            Moment(one.happened_at, one.author, f"{one.kind}: {one.text}") for one in self.annotations(since=from_at)
        )
        timeline = [*postmortem.moments(every, begins, at), *done, *self.decided(since=from_at)]
        name = title or (of.summary if of is not None else f"{begins:%Y-%m-%d}")
        promoted_at = self.promoted_at()
        offered = list(dict.fromkeys(remedy for one in mine for remedy in remedies(one, promoted_at)))
        return Postmortem(name, begins, ends, concerned, mine, timeline, offered)

    @report
    def decided(self, *, since: str) -> list[Moment]:
        """What people and other systems did to the book since an instant: policies, edits, closes, deploys, checks."""
        rows = self.ledger().rows(
            """SELECT recorded_at, source, kind, seq FROM outcome
            WHERE list_contains($sources, source) AND recorded_at >= $since ORDER BY seq""",
            {"sources": list(DECISIONS), "since": asked_at(since, self.policy["timezone"])},
        )
        return [Moment(at, source, f"{kind} (entry {seq})") for at, source, kind, seq in rows]

    def _stretch(self, since: str | None, until: str | None, at: datetime) -> tuple[datetime, datetime]:
        """A stretch of time in plain words. Raises WrongUse for one that ends before it begins."""
        timezone = self.policy["timezone"]
        ends = asked_at(until, timezone) if until else at
        begins = asked_at(since, timezone) if since else ends - _DAY
        if ends <= begins:
            raise WrongUse(f"{since} to {until} is no stretch of time", remedy="Let it end after it begins.")
        return begins, ends


_DAY, _LEAST = timedelta(days=1), timedelta(hours=1)


def _guarded(name: str, watcher: Callable[[], Iterable[Finding]], at: datetime) -> list[Finding]:
    """What a watcher finds, or that it cannot look: on-call must not take blindness for peace."""
    try:
        return list(watcher())
    except Exception as error:
        said = " ".join(str(error).split())[:300]
        summary = f"the watcher {name} cannot look: {type(error).__name__}: {said}"
        return [Finding("watch.broken", f"watcher:{name}", "page", summary, at)]


def _times(meant: Settings) -> tuple[str, str, str]:
    return meant.alerting.clear_after, meant.alerting.again_within, meant.alerting.resolved_holds


def _who(author: str) -> str:
    if not author.strip() or author == told.WATCH:
        raise WrongUse("somebody has to do this", remedy="Name them with --author.")
    return author


def _week(starts: str) -> int:
    return 6 if starts == "sunday" else 0
