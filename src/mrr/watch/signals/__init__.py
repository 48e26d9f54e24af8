"""The failure signals F1–F6: what is wrong with what the book was told, each from queries over the last days."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from mrr.journal import Journal
from mrr.policy import Policy
from mrr.reconcile.history import Run
from mrr.warehouse import Warehouse
from mrr.watch.bounds import SignalBounds
from mrr.watch.finding import Finding
from mrr.watch.shares import unusual
from mrr.watch.signals import doubled, drifted, late, misbilled, missing, rated

SHARES = (*missing.SHARES, *doubled.SHARES, *misbilled.SHARES, *rated.SHARES, *late.SHARES)
# What is asked beside the shares.
OTHERS: tuple[str, ...] = ("F1.silent", "F1.listed", "F2.redelivered", "F3.prorated", "F4.rate_missing")
OTHERS += ("F4.rate_stale", "F4.rate_off", "F5.unposted", "F6.drift")
# And what a family of several shares tells where none of them stands out by itself.
OTHERS += tuple(
    f"{family}.several" for family, shares in Counter(share.family for share in SHARES).items() if shares > 1
)
RULES = tuple(sorted([*(share.rule for share in SHARES), *OTHERS]))


class Watched(NamedTuple):
    """What signals look at: a prepared warehouse posted up to `posted`, its policy, the journal, the comparisons."""

    warehouse: Warehouse
    policy: Policy
    journal: Journal
    posted: int
    runs: Sequence[Run]


def signals(watched: Watched, as_of: datetime, bounds: SignalBounds) -> list[Finding]:
    """Everything that is wrong at an instant (UTC), in the order of the rules."""
    found = [
        *unusual(watched.warehouse, SHARES, as_of, bounds),
        *missing.silent(watched.warehouse, as_of, bounds),
        *doubled.redelivered(watched.journal, as_of, bounds),
        *misbilled.prorated(watched.warehouse, watched.policy, as_of, bounds),
        *rated.rates(watched.warehouse, as_of, bounds),
        *late.unposted(watched.journal.head(), watched.posted, as_of, bounds),
        *drifted.drifts(watched.runs, bounds),
    ]
    return sorted((one for one in found if one.rule not in bounds.quiet), key=lambda one: one.rule)
