"""What happened to alerts, as events that are only ever appended; the state of every alert is folded out of them."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from mrr.watch.finding import Finding, Urgency


class _Said(msgspec.Struct, frozen=True):
    """Part of an event."""


class Opened(_Said, frozen=True, tag="opened"):
    """Something new is wrong."""

    cause: str
    findings: Sequence[Finding]


class Seen(_Said, frozen=True, tag="seen"):
    """It is still wrong, and more, other or less is known of it; it may have been away, or resolved, in between."""

    findings: Sequence[Finding]


class Faded(_Said, frozen=True, tag="faded"):
    """It is seen no more since now."""


class Acknowledged(_Said, frozen=True, tag="acknowledged"):
    """Somebody has taken it on."""

    reason: str


class Resolved(_Said, frozen=True, tag="resolved"):
    """It is over: a person says so, or it was seen no more for long enough (then `by_watch`)."""

    reason: str
    by_watch: bool = False


class Silenced(_Said, frozen=True, tag="silenced"):
    """What matches by cause or rule is not told until an instant."""

    matching: str
    ends_at: datetime
    reason: str


class Lifted(_Said, frozen=True, tag="lifted"):
    """A silence ends now, before its time."""

    matching: str
    reason: str


class Sending(_Said, frozen=True, tag="sending"):
    """A message is on its way: nobody else need send it."""

    route: str
    stage: str


class Sent(_Said, frozen=True, tag="sent"):
    """A message arrived. `urgency` is what it said."""

    route: str
    stage: str
    urgency: Urgency


class Unsent(_Said, frozen=True, tag="unsent"):
    """A message did not arrive, and why."""

    route: str
    stage: str
    error: str


class Digested(_Said, frozen=True, tag="digested"):
    """A digest up to an instant went out, or why it did not."""

    digest: str
    until: datetime
    route: str
    error: str = ""


Said = (
    Opened | Seen | Faded | Acknowledged | Resolved | Silenced | Lifted | Sending | Sent | Unsent | Digested
)  # all that can happen


class Event(msgspec.Struct, frozen=True):
    """Something that happened to an alert (0: to none in particular), when, and by whom."""

    event_seq: int
    alert_id: int
    happened_at: datetime
    actor: str
    said: Said


# Who acts where no person does.
WATCH = "watch"
