"""How alerts and digests reach people: which message is due on which route, sent through Apprise, retried for ever."""

import logging
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

import mrr.watch.told as told
from mrr.errors import WrongUse
from mrr.watch.alerts import Alert, Board, Message, matches
from mrr.watch.finding import Finding, Urgency
from mrr.watch.remedies import remedies
from mrr.watch.settings import Maintenance, Route, Settings, span

# Who took a message on and was not heard of again for so long has failed.
GIVEN_UP = timedelta(minutes=5)
# The longest that a message waits for its next try.
SLOWEST = timedelta(hours=1)
# A digest that did not arrive is tried again after so long.
AGAIN = timedelta(minutes=10)
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_KINDS: Mapping[str, str] = {"page": "failure", "ticket": "warning", "resolved": "success", "digest": "info"}


class Due(msgspec.Struct, frozen=True):
    """A stage of an alert (`opened`, `paged`, `resolved`) that a route has not heard of yet."""

    alert: Alert
    route: str
    stage: str

    @property
    def urgency(self) -> Urgency:
        """What the message says."""
        return self.alert.urgency


class Letter(msgspec.Struct, frozen=True):
    """A message to people: a title in one line, a body in Markdown, a picture."""

    title: str
    body: str
    kind: str
    picture: bytes = b""


def due(board: Board, settings: Settings, at: datetime) -> Iterator[Due]:
    """Every message that should be sent at an instant: new, or to be tried again."""
    for one in waiting(board, settings, at):
        if _may_try(one.alert.messages.get(f"{one.route}/{one.stage}"), at):
            yield one


def waiting(board: Board, settings: Settings, at: datetime) -> Iterator[Due]:
    """Every message that should have gone out by an instant and has not arrived, also between two tries."""
    # Other threads may bring the board on meanwhile.
    for alert in list(board.alerts.values()):
        if board.silenced(alert, at) or _maintained(alert, settings.maintenance, at):
            continue
        for name, route in settings.routes.items():
            stage = _stage(alert, name, route, settings, at)
            if stage is not None:
                yield Due(alert, name, stage)


def _stage(alert: Alert, name: str, route: Route, settings: Settings, at: datetime) -> str | None:
    """What a route should hear of an alert next; None where it knows everything."""
    if "alerts" not in route.tells:
        return None
    sent = {stage: one for stage in ("opened", "paged", "resolved") if (one := alert.messages.get(f"{name}/{stage}"))}
    heard = [one.urgency for stage, one in sent.items() if one.sent_at is not None and stage != "resolved"]
    if alert.state == "resolved":
        return "resolved" if heard and not ("resolved" in sent and sent["resolved"].sent_at) else None
    if alert.urgency not in route.urgency:
        return None
    if not heard:
        lasted = alert.urgency == "page" or at - alert.opened_at >= span(settings.alerting.hold)
        # A ticket that is gone again before anybody heard of it is not worth a message.
        return "opened" if lasted and (alert.faded_at is None or alert.urgency == "page") else None
    return "paged" if alert.urgency == "page" and "page" not in heard else None


def _may_try(message: Message | None, at: datetime) -> bool:
    if message is None:
        return True
    if message.sending_at is not None:
        return at - message.sending_at >= GIVEN_UP
    wait = min(timedelta(minutes=2 ** min(message.tries - 1, 10)), SLOWEST)
    return message.tried_at is None or at - message.tried_at >= wait


def digest_due(last: told.Event | None, until: datetime, at: datetime) -> bool:
    """Whether a digest up to an instant has not arrived yet on a route, given what was last tried there."""
    if last is None or not isinstance(last.said, told.Digested) or last.said.until < until:
        return True
    return bool(last.said.error) and at - last.happened_at >= AGAIN


def _maintained(alert: Alert, windows: Sequence[Maintenance], at: datetime) -> bool:
    return any(one.starts_at <= at < one.ends_at and matches(alert, one.matching) for one in windows)


def claimed(board: Board, wanted: Sequence[Due], settings: Settings, at: datetime) -> Iterator[tuple[int, told.Said]]:
    """That these messages are on their way, those left out that another process took on meanwhile."""
    still = {(one.alert.alert_id, one.route, one.stage) for one in due(board, settings, at)}
    for one in wanted:
        if (one.alert.alert_id, one.route, one.stage) in still:
            yield one.alert.alert_id, told.Sending(one.route, one.stage)


def failing(board: Board) -> Iterator[Finding]:
    """That people cannot be reached is itself a finding, a route each, for as long as a message waits for it."""
    routes: dict[str, list[Message]] = {}
    for alert in board.standing():
        for key, message in alert.messages.items():
            if message.error and message.sent_at is None:
                routes.setdefault(key.partition("/")[0], []).append(message)
    for (route, _), event in board.digests.items():
        if isinstance(event.said, told.Digested) and event.said.error:
            late = Message(first_tried_at=event.happened_at, tried_at=event.happened_at, error=event.said.error)
            routes.setdefault(route, []).append(late)
    for route, messages in routes.items():
        error = max(messages, key=lambda one: one.tried_at or datetime.min).error
        yield Finding(
            rule="watch.delivery",
            cause=f"route:{route}",
            urgency="page",
            summary=f"messages do not arrive on the route {route}: {error}",
            begins_at=min(one.first_tried_at for one in messages if one.first_tried_at is not None),
        )


# ----- what a message says


def letter(
    alert: Alert, stage: str, settings: Settings, picture: bytes = b"", promoted_at: datetime | None = None
) -> Letter:
    """A stage of an alert as a message: what, since when, whom, what it rests on, what to do, where to look."""
    over = stage == "resolved"
    word = "resolved" if over else alert.urgency
    lines = [*_findings(alert)] if not over else [f"{alert.resolved_by}: {alert.reason}"]
    lines += [
        f"Begun {alert.begins_at:%Y-%m-%d %H:%M}Z, seen {alert.opened_at:%Y-%m-%d %H:%M}Z, cause `{alert.cause}`."
    ]
    if alert.customers:
        shown = ", ".join(alert.customers[:10])
        lines.append(f"Customers: {shown}" + (f" and {len(alert.customers) - 10} more" if alert.customers[10:] else ""))
    if not over:
        lines += [f"Remedy: `{remedy.command}` {remedy.does}." for remedy in remedies(alert, promoted_at)]
        lines += [f"Runbook: docs/runbooks/{rule}.md" for rule in alert.rules]
        lines.append(f"Take it on: `mrr ack {alert.alert_id}`")
    lines.append(link(alert, settings))
    title = f"[{word}] {alert.summary}"
    return Letter(title[:200], "\n\n".join(filter(None, lines)), _KINDS["resolved" if over else word], picture)


def _findings(alert: Alert) -> Iterator[str]:
    for finding in alert.findings:
        figures = "; ".join(f"{name} {value}" for name, value in finding.figures.items())
        yield f"**{finding.rule}** {finding.summary}" + (f" ({figures})" if figures else "")


def link(alert: Alert, settings: Settings) -> str:
    """Where the served book shows the alert; empty where the settings name no address."""
    return f"{settings.link.rstrip('/')}/on-call?alert={alert.alert_id}#alert-{alert.alert_id}" if settings.link else ""


# ----- sending

Send = Callable[[Route, Letter], str]


def send(route: Route, message: Letter) -> str:
    """Send a message to every address of a route; empty where all took it, else why not."""
    # Apprise takes half a second to load, and only who sends needs it.
    import apprise

    errors = [_sent(apprise, name, message) for name in route.urls]
    return "; ".join(filter(None, errors))


def _sent(apprise: Any, name: str, message: Letter) -> str:
    service = apprise.Apprise()
    try:
        known = service.add(_address(name))
    except WrongUse as error:
        return str(error)
    if not known:
        return f"{_shown(name)} is no address of Apprise"
    with apprise.LogCapture(level=logging.WARNING, fmt="%(message)s") as log, _pictured(message) as picture:
        taken = service.notify(
            body=message.body,
            title=message.title,
            notify_type=message.kind,
            body_format=apprise.NotifyFormat.MARKDOWN,
            attach=picture,
        )
        said = " ".join(log.getvalue().split())
    return "" if taken else f"{_shown(name)}: {said[:300] or 'refused'}"


def _address(name: str) -> str:
    """What a name of a route stands for: itself, or what the environment has under it."""
    if not _VARIABLE.fullmatch(name):
        return name
    if not os.environ.get(name):
        raise WrongUse(f"the variable {name} is not set", remedy="Set it to an address of Apprise.")
    return os.environ[name]


def _shown(name: str) -> str:
    """An address without what it keeps secret: its scheme, or the variable that holds it."""
    return name if _VARIABLE.fullmatch(name) else name.partition(":")[0]


@contextmanager
def _pictured(message: Letter) -> Iterator[str | None]:
    """The picture of a message as a file, while it is being sent."""
    if not message.picture:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="mrr-") as folder:
        path = Path(folder) / "mrr.png"
        path.write_bytes(message.picture)
        yield str(path)
