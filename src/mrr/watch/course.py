"""The course of what is measured: the events of an indicator slot by slot, the drift of comparisons run by run."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction

import msgspec

from mrr.answers import Definition
from mrr.errors import WrongUse
from mrr.metrics.asking import decimal
from mrr.period import instant
from mrr.reconcile.history import Run
from mrr.warehouse import Warehouse, sql
from mrr.watch import indicators
from mrr.watch.annotations import Annotation
from mrr.watch.indicators import MICROSECOND, Stretch

# Each window with a slot that divides it into as many as a small chart can show.
SLOTS: Mapping[str, timedelta] = {
    "1h": timedelta(minutes=1),
    "1d": timedelta(minutes=15),
    "7d": timedelta(hours=2),
    "28d": timedelta(hours=8),
}


class Slot(msgspec.Struct, frozen=True):
    """What began in a slot of time: how many events went well of all, and the time that they took (µs)."""

    begins_at: datetime
    good: int
    total: int
    p50_us: int | None = None
    p99_us: int | None = None

    @property
    def met_ratio(self) -> str:
        """The share that went well, a decimal with six places."""
        return decimal(Fraction(self.good, self.total))


class Course(msgspec.Struct, frozen=True):
    """An indicator over a window that ends now; slots without events are left out.

    `least_ratio` is the share that its objective wants (a decimal with six places), `within_us` the time in which an
    event must be over to count as good; None where nothing is promised. What the objective excludes is not counted.
    `notes` is what was done meanwhile.
    """

    definition: Definition
    indicator: str
    title: str
    window: str
    starts_at: datetime
    ends_at: datetime
    rows: list[Slot]
    least_ratio: str | None
    within_us: int | None
    notes: list[Annotation]

    @property
    def met_ratio(self) -> str | None:
        """The share that went well over the whole window, a decimal with six places; None without events."""
        total = sum(one.total for one in self.rows)
        return decimal(Fraction(sum(one.good for one in self.rows), total)) if total else None

    def broken(self) -> list[Slot]:
        """The slots in which less went well than is promised of the whole."""
        least = Fraction(self.least_ratio or 0)
        return [one for one in self.rows if Fraction(one.good, one.total) < least]


class Drift(msgspec.Struct, frozen=True):
    """A comparison of the book with something else: by how much they differ, in millionths of the whole."""

    at: datetime
    what: str
    millionths: int
    within: bool


class Drifts(msgspec.Struct, frozen=True):
    """The comparisons of a time, the oldest first; `most` is the bound of the objective, in millionths."""

    definition: Definition
    starts_at: datetime
    ends_at: datetime
    rows: list[Drift]
    most: int | None


def slot_of(window: str) -> timedelta:
    """The slot of a window. Raises WrongUse for a window that is none of `SLOTS`."""
    if window not in SLOTS:
        raise WrongUse(f"there is no window {window!r}", remedy=f"Use one of {', '.join(SLOTS)}.")
    return SLOTS[window]


def slots(warehouse: Warehouse, asked: Stretch, slot: timedelta) -> list[Slot]:
    """The events that `indicators.look` has found, slot by slot."""
    words = {**indicators.words(asked), "slot_us": slot // MICROSECOND}
    return [Slot(**row) for row in warehouse.dicts(sql("indicators/sli_course"), words)]


def drifts(runs: Iterable[Run], most: int | None) -> list[Drift]:
    """Comparisons, each with how far apart it was and whether that is within the bound (none: whatever it was)."""
    found = ((run, indicators.drifts([run])[0].amount) for run in runs)
    return [Drift(instant(run.told_at), run.what, off, most is None or off <= most) for run, off in found]
