"""What should hold of each of many things, and of how many of them it did not: of late, and in their source's past."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from mrr.warehouse import Warehouse, sql
from mrr.watch.bounds import SignalBounds
from mrr.watch.chance import at_least
from mrr.watch.finding import Finding, Urgency

# Even a share that was the same for long differs from day to day by more than chance alone.
STEADY = Fraction(10)
# A finding names so many customers and entries.
NAMED = 100


# Whom something concerns (None: nobody in particular), and its entry.
Off = Sequence[tuple[str | None, int]]


class Share(NamedTuple):
    """A question of sql/watch to many things, by its `rule`; `said` is what is wrong with those that are off.

    `waits`: what should hold may take the hours of grace.
    """

    rule: str
    query: str
    said: str
    waits: bool

    @property
    def family(self) -> str:
        """Which failure it tells of: F1 to F6."""
        return self.rule.partition(".")[0]


class Counted(NamedTuple):
    """How many things were looked at, and how many of them were off: of late, and in the past before."""

    source: str
    all: int
    off: int
    past: int
    past_off: int
    begins_at: datetime


class Looked(NamedTuple):
    """What was counted of a share in one source, with what is off of late."""

    share: Share
    counted: Counted
    off: Off


def unusual(warehouse: Warehouse, shares: Sequence[Share], as_of: datetime, bounds: SignalBounds) -> list[Finding]:
    """The shares that are off more often, in the hours before `as_of`, than the past of their source allows for.

    Where none of a family (`F1`) stands out in a source by itself, all of them together may.
    """
    asked = [share for share in shares if share.rule not in bounds.quiet]
    looked = [one for share in asked for one in _looked(warehouse, share, as_of, bounds)]
    families: dict[tuple[str, str], list[Looked]] = defaultdict(list)
    for one in looked:
        families[one.share.family, one.counted.source].append(one)
    return [found for family in families.values() for found in _judged(family, bounds)]


def _looked(warehouse: Warehouse, share: Share, as_of: datetime, bounds: SignalBounds) -> list[Looked]:
    until = as_of - timedelta(hours=bounds.grace_hours if share.waits else 0)
    window = {"since": until - timedelta(days=bounds.history_days), "until": until}
    late = {"from": until - timedelta(hours=bounds.window_hours)}
    warehouse.execute(f"CREATE OR REPLACE TEMP TABLE watched AS {_filled(share, bounds)}", window)
    counted = [Counted(*row) for row in warehouse.rows(sql("watch/counted"), late)]
    return [Looked(share, one, _off(warehouse, one, late) if one.off else []) for one in counted]


def _judged(family: Sequence[Looked], bounds: SignalBounds) -> list[Finding]:
    found = [judged(*one, bounds) for one in family if is_rare(one.counted, bounds)]
    off = [one for one in family if one.counted.off and one.counted.past >= bounds.known]
    if found or len(off) < 2 or f"{off[0].share.family}.several" in bounds.quiet:
        return found
    chance = together([one.counted for one in family if one.counted.past >= bounds.known])
    return [_several(off, chance, bounds)] if chance * bounds.odds < 1 else []


def _filled(share: Share, bounds: SignalBounds) -> str:
    minutes = bounds.late_minutes if share.query == "late" else bounds.twin_minutes
    return sql(f"watch/{share.query}").replace("$minutes", str(minutes)).replace("$stays", str(bounds.grace_hours + 1))


def is_rare(one: Counted, bounds: SignalBounds) -> bool:
    """Whether so much is off as the past of the source does not explain."""
    return one.past >= bounds.known and one.off >= bounds.least and chance_of(one) * bounds.odds < 1


def chance_of(one: Counted) -> Fraction:
    """How likely so many or more are off of late by the share of the past, of which half a one may have been missed."""
    seen = one.past_off + Fraction(1, 2)
    return at_least(one.off, seen / max(one.past, 1) * one.all, min(seen, STEADY))


def together(family: Sequence[Counted]) -> Fraction:
    """The same for all of a family: how likely so many or more are off of late in all."""
    missed = Fraction(1, 2 * len(family))
    mean = sum(((one.past_off + missed) / one.past * one.all for one in family), Fraction(0))
    seen = sum(one.past_off for one in family) + Fraction(1, 2)
    return at_least(sum(one.off for one in family), mean, min(seen, STEADY)) if mean else Fraction(1)


def _off(warehouse: Warehouse, one: Counted, late: dict[str, Any]) -> Off:
    """The customers and entries of what is off of late."""
    rows = warehouse.rows(sql("watch/off"), {**late, "source": one.source})
    return [(customer, int(seq)) for customer, seq in rows]


def judged(share: Share, one: Counted, off: Off, bounds: SignalBounds) -> Finding:
    """What is to be told of a share that is out of the ordinary."""
    usual = Fraction(100 * one.past_off, max(one.past, 1))
    return Finding(
        rule=share.rule,
        cause=f"source:{one.source}",
        urgency=urgency(share.rule, bounds),
        summary=f"{one.off:,} of {one.all:,} {share.said} ({one.source}); usual are {percent(usual)}",
        begins_at=one.begins_at,
        figures={
            "seen": f"{one.off:,} of {one.all:,} ({percent(Fraction(100 * one.off, one.all))})",
            "usual": f"{one.past_off:,} of {one.past:,} ({percent(usual)})",
            "odds": odds(chance_of(one)),
        },
        customers=sorted({customer for customer, _ in off if customer})[:NAMED],
        entries=sorted({seq for _, seq in off})[:NAMED],
    )


def _several(off: Sequence[Looked], chance: Fraction, bounds: SignalBounds) -> Finding:
    """What is to be told where no share stands out, and all of them together do."""
    rule, source = f"{off[0].share.family}.several", off[0].counted.source
    concerned = [pair for one in off for pair in one.off]
    return Finding(
        rule=rule,
        cause=f"source:{source}",
        urgency=urgency(rule, bounds),
        summary=f"{len(off)} kinds of things are off at once ({source}), each a little",
        begins_at=min(one.counted.begins_at for one in off),
        figures={
            **{one.share.rule: f"{one.counted.off:,} of {one.counted.all:,} {one.share.said}" for one in off},
            "odds": odds(chance),
        },
        customers=sorted({customer for customer, _ in concerned if customer})[:NAMED],
        entries=sorted({seq for _, seq in concerned})[:NAMED],
    )


def urgency(rule: str, bounds: SignalBounds) -> Urgency:
    """Whether somebody is called for a rule, or it waits for the morning."""
    return "page" if rule in bounds.page else "ticket"


def percent(share: Fraction) -> str:
    """A percentage with two decimals."""
    hundredths = round(100 * share)
    return f"{hundredths // 100}.{hundredths % 100:02} %"


def odds(chance: Fraction) -> str:
    """A small chance as people say it."""
    return f"once in {round(min(1 / chance, Fraction(10**9))):,}" if chance else "once in 1,000,000,000"
