"""The rows of one subscription as its life: a snapshot at every instant at which something of it begins or ends."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from mrr.errors import DecodeError
from mrr.facts import Item, Status, Subscription, content_digest


class Period(NamedTuple):
    """An item while nothing of it changes: half-open instants in µs; `ends_at` None: it goes on."""

    starts_at: int
    ends_at: int | None
    customer: str
    currency: str
    item: Item
    trial: bool = False


def snapshots(subscription: str, periods: Sequence[Period], observed_at: int, column: str) -> Iterator[Subscription]:
    """The snapshots of a subscription, in order.

    An end that lies behind `observed_at` is only scheduled: a later table may take it back. Raises DecodeError, which
    names `column`, for periods of one item that overlap.
    """
    _check_overlaps(periods, column)
    edges = sorted({period.starts_at for period in periods} | {p.ends_at for p in periods if p.ends_at is not None})
    scheduled = _scheduled(periods, observed_at)
    told = [fact for fact in _dated(subscription, periods, edges) if fact.effective_at != scheduled]
    if scheduled is None:
        yield from told
        return
    *before, last = told
    yield from before
    assert last.effective_at is not None
    if last.effective_at >= observed_at:
        yield msgspec.structs.replace(last, cancel_at=scheduled)
        return
    yield last
    yield msgspec.structs.replace(
        last, effective_at=observed_at, precision="by", prior=None, cancel_at=scheduled, observed_at=observed_at
    )


def _check_overlaps(periods: Sequence[Period], column: str) -> None:
    last: dict[str, Period] = {}
    for period in sorted(periods, key=lambda period: (period.item.item, period.starts_at, period.ends_at or 0)):
        if period.ends_at is not None and period.ends_at < period.starts_at:
            raise DecodeError(column, "the end lies before the start")
        before = last.get(period.item.item)
        if before is not None and (before.ends_at is None or before.ends_at > period.starts_at):
            reason = f"two periods of item {period.item.item!r} overlap: name its items in a column `item`"
            raise DecodeError(column, reason)
        last[period.item.item] = period


def _scheduled(periods: Sequence[Period], observed_at: int) -> int | None:
    """When everything will have ended, where that lies ahead of the observation."""
    ends = [period.ends_at for period in periods if period.ends_at != period.starts_at]
    known = [end for end in ends if end is not None]
    return max(known) if len(known) == len(ends) > 0 and max(known) > observed_at else None


def _dated(subscription: str, periods: Sequence[Period], edges: Sequence[int]) -> Iterator[Subscription]:
    """One snapshot an edge, with everything that is active from there on."""
    beginning, active = defaultdict(list), list[Period]()
    for period in periods:
        beginning[period.starts_at].append(period)
    for at in edges:
        before = active
        active = [period for period in before if period.ends_at is None or period.ends_at > at]
        fresh = not active and bool(before)
        active += [period for period in beginning[at] if period.ends_at is None or period.ends_at > at]
        if not active:
            yield _ended(subscription, before or beginning[at], at)
        elif fresh:
            # The end is part of the story: a table that did not know yet what follows has told it as an end.
            ended = _ended(subscription, before, at)
            yield msgspec.structs.replace(_snapshot(subscription, active, at), prior=content_digest(ended))
        else:
            yield _snapshot(subscription, active, at)


def _ended(subscription: str, periods: Sequence[Period], at: int) -> Subscription:
    return msgspec.structs.replace(_snapshot(subscription, periods, at), status="canceled", ended_at=at)


def _snapshot(subscription: str, periods: Sequence[Period], at: int) -> Subscription:
    latest = max(periods, key=lambda period: (period.starts_at, period.item.item))
    status: Status = "trialing" if all(period.trial for period in periods) else "active"
    return Subscription(
        effective_at=at,
        # A dated row says the same whenever it is seen.
        observed_at=at,
        subscription=subscription,
        customer=latest.customer,
        status=status,
        currency=latest.currency,
        items=tuple(sorted((period.item for period in periods), key=lambda item: item.item)),
    )
