"""The failures that are drilled: what goes wrong, for how long, and what the runbook has on-call do about it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import msgspec

from mrr.drills.load import arrivals, seconds
from mrr.drills.stage import Stage
from mrr.errors import MrrError
from mrr.simulate import Rate, mishaps
from mrr.simulate.mishaps import Mishap, Stretch
from mrr.watch.alerts import Alert

# Until somebody mends it.
FOREVER = timedelta(days=3650)


class Play(msgspec.Struct, frozen=True):
    """A failure. `mend` does what the runbook says, now, about trouble since an instant; it is told the alerts.

    `command` is how a person would type it. `mishap` is done to what arrives, `misquote` to the rates; either may be
    none. It `lasts` until it is mended, or so long, and is over when the signals of `until_quiet` find nothing more.
    """

    says: str
    command: str
    mend: Callable[[Stage, datetime, Sequence[Alert]], None]
    mishap: Mishap | None = None
    misquote: Callable[[Sequence[Rate], date], list[Rate]] | None = None
    lasts: timedelta = FOREVER
    until_quiet: Sequence[str] = ()

    def strike(self, stage: Stage, since: datetime, until: datetime) -> None:
        """Let it go wrong from an instant until another; the watchers are not told."""
        if self.mishap is not None:
            stage.stream = self.mishap(stage.load.stream, Stretch(seconds(since), seconds(until)))
        if self.misquote is not None:
            stage.rates = self.misquote(stage.load.rates, since.date())


def _replay(stage: Stage, since: datetime, alerts: Sequence[Alert]) -> None:
    stage.replay(arrivals(stage.load.stream, since, stage.now))
    stage.reconcile()


def _backfill(stage: Stage, since: datetime, alerts: Sequence[Alert]) -> None:
    """The snapshots at once, for the figures of today; then the archive, for the days on which they changed."""
    stage.backfill()
    _replay(stage, since, alerts)


def _bill_again(stage: Stage, since: datetime, alerts: Sequence[Alert]) -> None:
    stretch = Stretch(seconds(since), seconds(stage.now))
    stage.replay(mishaps.corrected(stage.load.stream, stretch, seconds(stage.now)))


def _correct_rate(stage: Stage, since: datetime, alerts: Sequence[Alert]) -> None:
    """The first entry of the evidence is the wrong one; its rates are laid beside those that were published."""
    wrong = next((alert.entries[0] for alert in alerts if alert.entries), None)
    if wrong is None:
        raise MrrError("no alert names the rate that is wrong")
    published = {(one.day.isoformat(), one.currency): Decimal(one.value) for one in stage.load.rates}
    changes = {}
    for number, rate in enumerate(stage.told(wrong)):
        right = published[rate["day"], rate["currency"]].as_integer_ratio()
        for path, whole in zip(("numerator", "denominator"), map(str, right), strict=True):
            if rate[path] != whole:
                changes[f"{number}.{path}"] = whole
    stage.correct(wrong, changes, "a rate with its point in the wrong place")
    stage.rates = stage.load.rates


def _nothing(stage: Stage, since: datetime, alerts: Sequence[Alert]) -> None:
    """The ledger needs no hand; the cause is mended elsewhere."""


def _misquoted(rates: Sequence[Rate], since: date) -> list[Rate]:
    """F4: on the first day of it on which rates are published the euro has its point in the wrong place."""
    day = min(one.day for one in rates if one.day >= since)
    return [_tenfold(one) if (one.day, one.currency) == (day, "EUR") else one for one in rates]


def _tenfold(one: Rate) -> Rate:
    whole, _, part = one.value.partition(".")
    digits = Fraction(int(whole + part) * 10, 10 ** len(part))
    return Rate(one.day, one.currency, f"{digits.numerator // digits.denominator}.{part[1:]}0")


HOUR = timedelta(hours=1)
PLAYS: Mapping[str, Play] = {
    "F1": Play(
        "the endpoint is down and events are lost",
        "mrr import ARCHIVE",
        _replay,
        mishaps.lost,
        until_quiet=("F1.turn", "F1.silent", "F1.listed"),
    ),
    "F2": Play("everything is told twice, under two ids", "mrr verify", _nothing, mishaps.doubled),
    "F3": Play(
        "prorations are billed half as much again",
        "mrr reconcile prorations",
        _bill_again,
        mishaps.misprorated,
        until_quiet=("F3.prorated",),
    ),
    "F4": Play(
        "a rate has its point in the wrong place",
        "mrr edit correct ENTRY 0.numerator=N 0.denominator=N",
        _correct_rate,
        misquote=_misquoted,
        until_quiet=("F4.rate_off",),
    ),
    "F5": Play("deliveries queue up at the provider", "none: the queue is released", _nothing, mishaps.delayed),
    "F6": Play(
        "subscriptions change and nobody is told",
        "mrr reconcile subscriptions --backfill; mrr import ARCHIVE",
        _backfill,
        mishaps.drifting,
        until_quiet=("F1.turn", "F1.listed", "F6.drift"),
    ),
    "storm": Play("a day of deliveries comes again ten times", "mrr verify", _nothing, mishaps.stormed, lasts=2 * HOUR),
    "gateway-outage": Play(
        "the gateway is down and every charge fails", "mrr impact --code processing_error", _nothing, mishaps.outage
    ),
}
# A drill in which nothing goes wrong.
CONTROL = "control"
