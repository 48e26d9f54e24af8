"""Alerts: what findings come to, grouped by root cause, and what became of each; a pure fold over their events."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Literal

import msgspec

import mrr.watch.told as told
from mrr.watch.finding import Finding, Urgency
from mrr.watch.signals import missing

State = Literal["open", "acknowledged", "resolved"]
# These see that something does not come, and cannot see why: it may be lost, late, or never sent.
MISSING = frozenset({"F1.several", *(share.rule for share in missing.SHARES if share.waits)})
WHY_MISSING = ("F1.silent", "F1.listed", "F5.", "F6.")


class Message(msgspec.Struct):
    """What became of telling one stage of an alert on one route."""

    sent_at: datetime | None = None
    urgency: Urgency | None = None
    sending_at: datetime | None = None
    tries: int = 0
    tried_at: datetime | None = None
    first_tried_at: datetime | None = None
    error: str = ""


class Alert(msgspec.Struct):
    """Trouble of one cause: what is found of it now, its state, and everything that happened to it.

    It is called by the `rule` and the `summary` of what told most of its cause, also when that is seen no more.
    """

    alert_id: int
    cause: str
    state: State
    urgency: Urgency
    summary: str
    begins_at: datetime
    opened_at: datetime
    findings: list[Finding]
    customers: list[str] = []
    plans: list[str] = []
    entries: list[int] = []
    faded_at: datetime | None = None
    acknowledged_by: str = ""
    resolved_at: datetime | None = None
    resolved_by: str = ""
    reason: str = ""
    messages: dict[str, Message] = {}
    history: list[told.Event] = []
    rule: str = ""

    @property
    def rules(self) -> list[str]:
        """The rules that found it, the one that it is called by first."""
        return list(dict.fromkeys(filter(None, (self.rule, *(finding.rule for finding in self.findings)))))


class Silence(msgspec.Struct, frozen=True):
    """Of which alerts (an id, a cause, a rule, a pattern of them) nobody is told until an instant; who said so, why."""

    matching: str
    ends_at: datetime
    reason: str
    author: str
    said_at: datetime


class Board:
    """All alerts and silences, as folded out of events up to `seq`."""

    def __init__(self) -> None:
        self.seq = 0
        self.alerts: dict[int, Alert] = {}
        self.silences: list[Silence] = []
        self.digests: dict[tuple[str, str], told.Event] = {}

    def standing(self) -> Iterator[Alert]:
        """The alerts that are not resolved."""
        return (alert for alert in self.alerts.values() if alert.state != "resolved")

    def fold(self, events: Iterable[told.Event]) -> None:
        """Let events have happened, in their order."""
        for event in events:
            self.seq = event.event_seq
            said = event.said
            if isinstance(said, told.Silenced):
                self.silences.append(Silence(said.matching, said.ends_at, said.reason, event.actor, event.happened_at))
            elif isinstance(said, told.Lifted):
                self.silences = [_ended(one, said.matching, event.happened_at) for one in self.silences]
            elif isinstance(said, told.Digested):
                self.digests[said.route, said.digest] = event
            elif isinstance(said, told.Opened):
                self.alerts[event.alert_id] = _opened(event, said)
            else:
                _happened(self.alerts[event.alert_id], event)

    def silenced(self, alert: Alert, at: datetime) -> bool:
        """Whether a person has silenced it for now."""
        return any(one.said_at <= at < one.ends_at and matches(alert, one.matching) for one in self.silences)


def _ended(one: Silence, matching: str, at: datetime) -> Silence:
    return msgspec.structs.replace(one, ends_at=min(one.ends_at, at)) if one.matching == matching else one


def matches(alert: Alert, pattern: str) -> bool:
    """Whether a pattern (`source:*`, `F4.*`, an id) means this alert."""
    return any(fnmatchcase(name, pattern) for name in (str(alert.alert_id), alert.cause, *alert.rules))


def _opened(event: told.Event, said: told.Opened) -> Alert:
    first = said.findings[0]
    alert = Alert(
        alert_id=event.alert_id,
        cause=said.cause,
        state="open",
        urgency=first.urgency,
        summary=first.summary,
        begins_at=first.begins_at,
        opened_at=event.happened_at,
        findings=list(said.findings),
        history=[event],
        rule=first.rule,
    )
    _show(alert, said.findings)
    return alert


def _show(alert: Alert, findings: Sequence[Finding]) -> None:
    """Lay out what is found now; whom it concerned, and how urgent it was, stays."""
    _call(alert, findings)
    alert.findings = list(findings)
    alert.urgency = most_urgent([alert.urgency, *(finding.urgency for finding in findings)])
    alert.begins_at = min(alert.begins_at, *(finding.begins_at for finding in findings))
    for name in ("customers", "plans", "entries"):
        known = getattr(alert, name)
        more = [one for finding in findings for one in getattr(finding, name)]
        setattr(alert, name, list(dict.fromkeys([*known, *more])))


def _call(alert: Alert, findings: Sequence[Finding]) -> None:
    """Call it by what it was called by, as that is seen now; by something else where that tells more of the cause."""
    more = (one for one in findings if _tells_more(one.rule, alert))
    same = (one for one in findings if one.rule == alert.rule)
    called = next(more, None) or next(same, None)
    if called is not None:
        alert.rule, alert.summary = called.rule, called.summary


def _tells_more(rule: str, alert: Alert) -> bool:
    if alert.rule in MISSING and rule.startswith(WHY_MISSING):
        # What comes once nothing is missing any more was brought by the remedy, and says nothing of the cause.
        return alert.faded_at is None and any(one.rule == alert.rule for one in alert.findings)
    return _rank(rule) < _rank(alert.rule)


def _happened(alert: Alert, event: told.Event) -> None:
    match event.said:
        case told.Seen(findings=findings):
            if alert.state == "resolved":
                _again(alert)
            _show(alert, findings)
            alert.faded_at = None
        case told.Faded():
            alert.faded_at = event.happened_at
        case told.Acknowledged(reason=reason):
            alert.state, alert.acknowledged_by, alert.reason = "acknowledged", event.actor, reason
        case told.Resolved(reason=reason):
            alert.state, alert.resolved_at = "resolved", event.happened_at
            alert.resolved_by, alert.reason = event.actor, reason
        case told.Sending() | told.Sent() | told.Unsent():
            _message(alert, event)
    if not isinstance(event.said, told.Sending):
        alert.history.append(event)


def _again(alert: Alert) -> None:
    """Open once more; who heard that it was over hears that it is not."""
    alert.state, alert.resolved_at, alert.resolved_by = "open", None, ""
    told_over = {
        key.partition("/")[0] for key, one in alert.messages.items() if key.endswith("/resolved") if one.sent_at
    }
    alert.messages = {key: one for key, one in alert.messages.items() if key.partition("/")[0] not in told_over}


def _message(alert: Alert, event: told.Event) -> None:
    said, at = event.said, event.happened_at
    assert isinstance(said, told.Sending | told.Sent | told.Unsent)
    message = alert.messages.setdefault(f"{said.route}/{said.stage}", Message())
    message.sending_at = at if isinstance(said, told.Sending) else None
    if isinstance(said, told.Sent):
        message.sent_at, message.urgency, message.error = at, said.urgency, ""
    elif isinstance(said, told.Unsent):
        message.tries += 1
        message.tried_at, message.error = at, said.error
        message.first_tried_at = message.first_tried_at or at


def most_urgent(urgencies: Iterable[Urgency]) -> Urgency:
    """A page goes before a ticket."""
    return "page" if "page" in set(urgencies) else "ticket"


# ----- from findings to what happens


class Patience(msgspec.Struct, frozen=True):
    """How long an alert must be gone to be resolved, may come back as the same, and is left alone once resolved."""

    clear_after: timedelta
    again_within: timedelta
    resolved_holds: timedelta


def turn(
    board: Board, findings: Sequence[Finding], at: datetime, patience: Patience
) -> Iterator[tuple[int, told.Said]]:
    """What happens to which alert, given all that the watchers find at an instant."""
    told_of = [one for one in findings if not _left_alone(board, one, at, patience)]
    groups = grouped(board, told_of, [alert for alert in board.alerts.values() if _lasts(alert, at, patience)])
    new = max(board.alerts, default=0)
    for cause, found in groups.items():
        alert = _of_cause(board, cause, at, patience)
        if alert is None:
            new += 1
            yield new, told.Opened(cause, found)
        elif alert.state == "resolved" or alert.faded_at is not None or _differs(alert.findings, found):
            yield alert.alert_id, told.Seen(found)
    for alert in board.standing():
        if alert.cause not in groups:
            yield from ((alert.alert_id, said) for said in _gone(alert, at, patience))


def _gone(alert: Alert, at: datetime, patience: Patience) -> Iterator[told.Said]:
    if alert.faded_at is None:
        yield told.Faded()
    elif at - alert.faded_at >= patience.clear_after:
        yield told.Resolved(f"seen no more since {alert.faded_at:%Y-%m-%d %H:%M}Z", by_watch=True)


def _of_cause(board: Board, cause: str, at: datetime, patience: Patience) -> Alert | None:
    """The alert of this cause that stands, or that ended by itself so lately that this is the same."""
    for alert in reversed(board.alerts.values()):
        if alert.cause == cause:
            return alert if _lasts(alert, at, patience) else None
    return None


def _lasts(alert: Alert, at: datetime, patience: Patience) -> bool:
    """Whether it stands, or ended by itself so lately that what comes now may be the same."""
    if alert.resolved_at is None:
        return True
    return at - alert.resolved_at < patience.again_within and alert.resolved_by == told.WATCH


def _left_alone(board: Board, finding: Finding, at: datetime, patience: Patience) -> bool:
    """Whether a person resolved what is found, as it is, lately."""
    return any(
        alert.resolved_at is not None
        and alert.resolved_by != told.WATCH
        and at - alert.resolved_at < patience.resolved_holds
        # What begins at this very instant does not know since when it is so.
        and (finding.begins_at <= alert.resolved_at or finding.begins_at >= at)
        and any(_same(known, finding) and finding.urgency == known.urgency for known in alert.findings)
        for alert in board.alerts.values()
    )


def _same(one: Finding, other: Finding) -> bool:
    vague = _is_vague(one.rule, one.cause) or _is_vague(other.rule, other.cause)
    return one.rule == other.rule and (vague or one.cause == other.cause)


def _differs(known: Sequence[Finding], found: Sequence[Finding]) -> bool:
    """Whether something is worth an event: other rules, urgencies, customers or plans; not that figures move on."""

    def shape(findings: Sequence[Finding]) -> set[tuple[str, str, str, frozenset[str], frozenset[str]]]:
        return {(f.rule, f.cause, f.urgency, frozenset(f.customers), frozenset(f.plans)) for f in findings}

    return shape(known) != shape(found)


def grouped(board: Board, findings: Sequence[Finding], lasting: Sequence[Alert]) -> Mapping[str, list[Finding]]:
    """The findings by root cause.

    A finding has the cause that it names, unless a finding nearer to the root explains it: one of the same customers,
    or of the same plans where no customers are named. What once belonged to an alert that stands stays with it.
    """
    known = {(f.rule, f.cause): alert.cause for alert in board.standing() for f in alert.findings}
    now = {(finding.rule, finding.cause) for finding in findings}
    before = {
        (f.rule, f.cause): alert.cause for alert in lasting for f in alert.findings if (f.rule, f.cause) not in now
    }
    groups: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda one: (_rank(one.rule), one.begins_at, one.rule, one.cause)):
        cause = known.get((finding.rule, finding.cause)) or _promised(before, finding)
        cause = cause or _explained(groups, finding) or finding.cause
        groups.setdefault(cause, []).append(finding)
    return groups


def _promised(before: Mapping[tuple[str, str], str], finding: Finding) -> str | None:
    """The alert of the same objective that lasts, where either has no main reason: with time reasons mix, or show."""
    for (rule, named), cause in before.items():
        if rule == finding.rule and (_is_vague(rule, named) or _is_vague(rule, finding.cause)):
            return cause
    return None


def _is_vague(rule: str, cause: str) -> bool:
    """Whether an objective is missed for many reasons: its cause is then its own name."""
    return rule == f"slo.{cause.partition(':')[2]}"


def _rank(rule: str) -> int:
    """How near to the root a watcher looks: what came in, then what is promised, then what it looks like in revenue."""
    if rule.startswith(("F", "watch.", "outcome.")):
        return 0
    return 1 if rule.startswith("slo.") else 2


def _explained(groups: Mapping[str, list[Finding]], finding: Finding) -> str | None:
    for cause, found in groups.items():
        if any(_rank(root.rule) < _rank(finding.rule) and _covers(root, finding) for root in found):
            return cause
    return None


def _covers(root: Finding, finding: Finding) -> bool:
    if root.begins_at > finding.begins_at + timedelta(days=1):
        return False
    if finding.customers:
        return set(finding.customers) <= set(root.customers)
    return bool(finding.plans) and set(finding.plans) <= set(root.plans)
