"""Indicators as they are told: each with its definition, its figure, and what is behind the bad part of it."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Self

import msgspec
from msgspec.structs import asdict, replace

from mrr.answers import Definition
from mrr.metrics.asking import decimal
from mrr.reports.tables import Table
from mrr.watch.indicators import Bad, Level, Stretch, Tally, defined


class Sli(msgspec.Struct):
    """An indicator. Of events: `good` of `total`, the MRR that they carry, and times (µs); of what stands: `amount`.

    Ratios are decimals with six places; `carried_ratio` weighs events by their MRR. `unit` is that of `amount`: the sum
    of parts of money, of others the worst one. `parts` are its labels, `bad` the labels of what went wrong.
    """

    indicator: str
    title: str
    owner: str
    unit: str
    formula: str
    caveats: str
    good: int | None = None
    total: int | None = None
    good_micros: int | None = None
    total_micros: int | None = None
    met_ratio: str | None = None
    carried_ratio: str | None = None
    p50_us: int | None = None
    p95_us: int | None = None
    p99_us: int | None = None
    amount: int | None = None
    bad: list[Bad] = []
    parts: list[Level] = []

    @classmethod
    def of_events(cls, asked: Stretch, tally: Tally, blame: Sequence[Bad]) -> Self:
        """An indicator of events over a stretch."""
        return replace(
            cls(*_meaning(asked.indicator)),
            **asdict(tally),
            met_ratio=_ratio(tally.good, tally.total),
            carried_ratio=_ratio(tally.good_micros, tally.total_micros),
            bad=list(blame),
        )

    @classmethod
    def of_levels(cls, name: str, levels: Iterable[Level]) -> Self:
        """An indicator of what stands now."""
        parts = [one for one in levels if one.indicator == name]
        amounts = [one.amount for one in parts]
        amount = sum(amounts) if defined(name).unit == "micros" else max(amounts, default=None)
        return cls(*_meaning(name), amount=amount, parts=parts)


class Slis(msgspec.Struct, Table[Sli]):
    """All indicators, those of events over a window."""

    definition: Definition
    window: str
    rows: list[Sli]


def _meaning(name: str) -> tuple[str, str, str, str, str, str]:
    """The first fields of an `Sli`."""
    meant = defined(name)
    return name, meant.title.partition(":")[0], meant.owner, meant.unit, meant.formula, meant.caveats


def _ratio(part: int, whole: int) -> str | None:
    return decimal(Fraction(part, whole)) if whole else None
