"""Digests: what happened in a day, week or month, in one message that takes a minute to read."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal

import msgspec

from mrr.answers import Definition
from mrr.figures import exact, period_name, plural, rounded, written
from mrr.period import Grain, local_day, midnight, next_period, period_start, zone
from mrr.reports.movements import Movement
from mrr.reports.rollforward import Row
from mrr.watch.alerts import Alert

Which = Literal["daily", "weekly", "monthly"]
GRAINS: dict[Which, Grain] = {"daily": "day", "weekly": "week", "monthly": "month"}
# So many of the largest movements are shown.
LARGEST = 5


class Digest(msgspec.Struct):
    """A period in short: its roll-forward, its largest movements, the alerts that stood in it."""

    which: Which
    definition: Definition
    starts_on: date
    until: datetime
    row: Row | None
    largest: list[Movement]
    alerts: list[Alert]
    quarantined: int

    @property
    def title(self) -> str:
        """One line for a subject."""
        name = period_name(self.starts_on, GRAINS[self.which])
        closing = "" if self.row is None else f": {_whole(self.row.closing_micros)} {self.definition.currency} MRR"
        return f"{name}{closing}"

    def text(self) -> str:
        """The message, in Markdown."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield f"# {self.title}"
        if self.row is None:
            yield "\nNothing is known of this period."
        else:
            yield from _moved(self.row, self.definition.currency)
        if self.largest:
            yield "\n**Largest movements**\n"
            for one in self.largest:
                yield f"- {one.on} {one.customer_id}: {one.class_} {exact(one.amount_micros, plus=True)}"
        yield f"\n**Alerts**: {_counted(self.alerts)}\n"
        for alert in self.alerts:
            yield f"- {alert.alert_id} [{alert.urgency}, {alert.state}] {alert.summary}"
        yield f"\n{plural(self.quarantined, 'entry', 'entries')} in quarantine."
        meant = self.definition
        yield f"\nPolicy {meant.policy} {meant.policy_hash[:8]}, {meant.status}, entries up to {meant.known_at_seq}."


def _moved(row: Row, currency: str) -> Iterator[str]:
    net = row.closing_micros - row.opening_micros
    yield f"\n{_whole(row.opening_micros)} → **{_whole(row.closing_micros)} {currency}** ({_whole(net, plus=True)})\n"
    for name in ("new", "expansion", "reactivation", "contraction", "churn", "fx"):
        amount = getattr(row, f"{name}_micros")
        if amount:
            yield f"- {name} {_whole(amount, plus=True)}"


def _whole(micros: int, *, plus: bool = False) -> str:
    return written(rounded(micros, 0), plus=plus)


def _counted(alerts: Sequence[Alert]) -> str:
    standing = sum(alert.state != "resolved" for alert in alerts)
    return f"{standing} standing, {len(alerts) - standing} resolved" if alerts else "none"


def largest(moved: Sequence[Movement]) -> list[Movement]:
    """The largest of the movements, exchange rates left out."""
    own = [one for one in moved if one.class_ not in ("fx", "none")]
    return sorted(own, key=lambda one: -abs(one.amount_micros))[:LARGEST]


def due(which: Which, at: datetime, clock: str, timezone: str, week_start: int) -> tuple[date, datetime] | None:
    """The last whole period before an instant, and its end; None before the time of day at which digests go out."""
    here = datetime.combine(date.min, time.fromisoformat(clock)) - datetime.min
    grain, today = GRAINS[which], local_day(at, timezone)
    over = period_start(today, grain, week_start)
    until = midnight(over, timezone)
    if at < _on_clock(over, here, timezone):
        return None
    return period_start(over - timedelta(days=1), grain, week_start), until


def _on_clock(day: date, since_midnight: timedelta, timezone: str) -> datetime:
    """The instant at which clocks show a time on a day."""
    local = datetime.combine(day, time.min, zone(timezone)) + since_midnight
    offset = local.utcoffset()
    assert offset is not None
    return local.replace(tzinfo=None) - offset


def ends(start: date, which: Which) -> date:
    """The day after a period."""
    return next_period(start, GRAINS[which])
