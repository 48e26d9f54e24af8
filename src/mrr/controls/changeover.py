"""A roll-forward across changes of policy and closes: each month by what holds in it, the jump between as its own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import NamedTuple, Protocol

import msgspec

from mrr.metrics.asking import Figure, ask
from mrr.metrics.catalogue import Metric
from mrr.period import Grain, midnight, next_period, period_start
from mrr.policy import Policy
from mrr.reports.frame import Asked
from mrr.reports.rollforward import CLASSES, JUMPS, Row, rollforward
from mrr.warehouse import Warehouse

# In which pieces the period is told in which the policy changes.
FINER: Mapping[Grain, Grain] = {"week": "day", "month": "day", "quarter": "month", "year": "month"}


class Reign(NamedTuple):
    """A policy and the first day from which it holds; None: from the beginning."""

    from_on: date | None
    policy: Policy


# MRR and customers by group, at a midnight.
Edge = dict[str | None, tuple[int, int]]


class Opens(Protocol):
    """What gives the ledger under a policy for a while."""

    def __call__(self, policy: Policy) -> AbstractContextManager[Warehouse]:
        """Open it."""


def spliced(reigns: Sequence[Reign], asked: Asked, opens: Opens) -> list[Row]:
    """All rows, by group and period: each from the ledger of the policy that holds on its days.

    Where the policy changes, `policy_micros` is by how much the MRR of that midnight differs between both ledgers. The
    period with the change opens by the old policy and closes by the new one; customers are counted likewise.
    """
    if len(reigns) == 1:
        with opens(reigns[0].policy) as ledger:
            return rollforward(ledger, reigns[0].policy, asked)
    told: dict[tuple[str | None, date], Row] = {}
    before: Edge | None = None
    for reign, until in _seen(reigns, asked):
        with opens(reign.policy) as ledger:
            shown = [*_whole(ledger, reign, until, asked), *_begun(ledger, reign, until, asked)]
            if before is not None and reign.from_on is not None:
                shown = [*_jumps(reign.from_on, asked, before, _edge(ledger, reign, reign.from_on, asked)), *shown]
            before = _edge(ledger, reign, until, asked) if until is not None else None
        for row in shown:
            key = row.group, row.period_starts_on
            told[key] = joined(told[key], row) if key in told else row
    return sorted(told.values(), key=lambda row: (row.group is None, row.group or "", row.period_starts_on))


def _seen(reigns: Sequence[Reign], asked: Asked) -> Iterator[tuple[Reign, date | None]]:
    """The reigns that a report looks at, each with the day on which it ends; also one that ends where it begins."""
    first = period_start(asked.first, asked.grain) if asked.first else None
    over = next_period(period_start(asked.last, asked.grain), asked.grain) if asked.last else None
    for number, (from_on, policy) in enumerate(reigns):
        until = reigns[number + 1].from_on if number + 1 < len(reigns) else None
        begins = from_on is None or (
            midnight(from_on, policy["timezone"]) < asked.as_of and (over is None or from_on < over)
        )
        if begins and (until is None or first is None or until >= first):
            yield Reign(from_on, policy), until


def _within(reign: Reign, until: date | None, asked: Asked) -> Asked:
    """What is asked, up to the day on which a reign ends."""
    if until is None:
        return asked
    last = min(asked.last or until, date.fromordinal(until.toordinal() - 1))
    return msgspec.structs.replace(asked, last=last, as_of=min(asked.as_of, midnight(until, reign.policy["timezone"])))


def _whole(ledger: Warehouse, reign: Reign, until: date | None, asked: Asked) -> list[Row]:
    """The periods that begin within a reign; the last one up to its end."""
    within, first = _within(reign, until, asked), asked.first
    if reign.from_on is not None:
        start = period_start(reign.from_on, asked.grain)
        begins = start if start == reign.from_on else next_period(start, asked.grain)
        first = max(first or begins, begins)
    if first is not None and within.last is not None and first > within.last:
        return []
    return rollforward(ledger, reign.policy, msgspec.structs.replace(within, first=first))


def _begun(ledger: Warehouse, reign: Reign, until: date | None, asked: Asked) -> Iterator[Row]:
    """The rest of a period in which a reign begins, piece by piece; nothing where it begins with a period."""
    if reign.from_on is None or reign.from_on == (start := period_start(reign.from_on, asked.grain)):
        return
    within = _within(reign, until, asked)
    over = date.fromordinal(next_period(start, asked.grain).toordinal() - 1)
    last = min(within.last or over, over)
    if asked.first is not None and start < period_start(asked.first, asked.grain):
        return
    pieces = msgspec.structs.replace(within, grain=FINER[asked.grain], first=reign.from_on, last=last)
    for row in rollforward(ledger, reign.policy, pieces):
        yield msgspec.structs.replace(row, period_starts_on=start)


def _edge(ledger: Warehouse, reign: Reign, day: date, asked: Asked) -> Edge:
    """What each group is worth, and how many customers it has, as a day begins."""
    last = date.fromordinal(day.toordinal() - 1)
    then = Asked("month", midnight(day, reign.policy["timezone"]), last, last, asked.by, asked.where)
    rows = rollforward(ledger, reign.policy, then)
    return {row.group: (row.closing_micros, row.customers_closing) for row in rows}


def _jumps(day: date, asked: Asked, before: Edge, after: Edge) -> Iterator[Row]:
    """What the change of policy makes of each group's MRR, in the period in which it happens."""
    start = period_start(day, asked.grain)
    if asked.first is not None and start < period_start(asked.first, asked.grain):
        return
    for group in before.keys() | after.keys():
        (was, customers_was), (becomes, customers_become) = before.get(group, (0, 0)), after.get(group, (0, 0))
        if (was, customers_was) != (0, 0) or (becomes, customers_become) != (0, 0):
            yield Row(
                start,
                group,
                opening_micros=was,
                closing_micros=becomes,
                customers_opening=customers_was,
                customers_closing=customers_become,
                policy_micros=becomes - was,
            )


def measured(reigns: Sequence[Reign], asked: Asked, metric: Metric, opens: Opens) -> list[Figure]:
    """A metric by group and period, each period by the policy that holds on its last day."""
    if len(reigns) == 1:
        with opens(reigns[0].policy) as ledger:
            return ask(ledger, reigns[0].policy, asked, metric)
    found: list[Figure] = []
    for reign, until in _seen(reigns, asked):
        begins = period_start(reign.from_on, asked.grain) if reign.from_on is not None else None
        first = max(filter(None, (asked.first, begins)), default=None)
        ends = date.fromordinal(period_start(until, asked.grain).toordinal() - 1) if until is not None else None
        last = min(filter(None, (asked.last, ends)), default=None)
        if first is not None and last is not None and first > last:
            continue
        with opens(reign.policy) as ledger:
            found += ask(ledger, reign.policy, msgspec.structs.replace(asked, first=first, last=last), metric)
    return sorted(found, key=lambda one: (one.group is None, one.group or "", one.period_starts_on))


def as_closed(rows: Sequence[Row], seals: Mapping[date, Row]) -> Iterator[Row]:
    """Months in their order, those that are closed as they were sealed.

    A month opens with what the one before it closed with; what became known in between is `restated_micros`.
    """
    before: Row | None = None
    for month, row in sorted({**{row.period_starts_on: row for row in rows}, **seals}.items()):
        shown = seals.get(month, row)
        if before is not None:
            shown = msgspec.structs.replace(
                shown,
                opening_micros=before.closing_micros,
                customers_opening=before.customers_closing,
                restated_micros=shown.opening_micros - before.closing_micros,
            )
        yield shown
        before = shown


def coarser(rows: Iterable[Row], grain: Grain) -> list[Row]:
    """Months joined into the periods of another grain."""
    told: dict[date, Row] = {}
    for row in rows:
        start = period_start(row.period_starts_on, grain)
        row = msgspec.structs.replace(row, period_starts_on=start)
        told[start] = joined(told[start], row) if start in told else row
    return list(told.values())


def joined(row: Row, later: Row) -> Row:
    """A row and the one that goes on where it ends, as one."""
    sums = {f"{kind}_micros": _both(row, later, f"{kind}_micros") for kind in (*CLASSES, *JUMPS)}
    ends = {"closing_micros": later.closing_micros, "customers_closing": later.customers_closing}
    return msgspec.structs.replace(row, **sums, **ends)


def _both(row: Row, later: Row, name: str) -> int:
    total: int = getattr(row, name) + getattr(later, name)
    return total
