"""The way from one ledger to another: one component replaced after the other, always in the same order (DESIGN §9)."""

from collections.abc import Collection
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from mrr.derivation.ledgers import Ledger
from mrr.errors import WrongUse
from mrr.policy.schema import REPORT

# The ledger keys in the order in which they take effect: who and what counts; by which documents; when; how much; at
# which rate; as what; in which calendar.
PIPELINE: tuple[str, ...] = (
    "customers.exclude",
    "status.trialing",
    "status.past_due",
    "status.unpaid",
    "status.paused",
    "one_time",
    "usage",
    "basis",
    "starts_at",
    "churn_at",
    "gap",
    "renewal.grace",
    "invoice.carry",
    "normalise.week",
    "normalise.day",
    "rounding",
    "discount.once",
    "discount.repeating",
    "discount.forever",
    "proration",
    "refund",
    "dispute",
    "credit_note",
    "zero",
    "fx.rate",
    "fx.fixed",
    "fx.stale",
    "netting",
    "reactivation",
    "timezone",
    "currency",
)
# One means nothing without the other: `fixed` rates without their table would leave every level pending for a step.
TOGETHER = ("fx.rate", "fx.fixed")


class Component(NamedTuple):
    """What is replaced as one: `sources`, `edits`, `journal`, keys of a policy, or the `engine` of a closed month."""

    name: str
    keys: tuple[str, ...] = ()
    month: date | None = None


def rank(ledger: Ledger) -> tuple[Any, ...]:
    """Where a ledger stands in the canonical order: who knows less comes first; the path is told from there."""
    chosen = ledger.sources is not None, ledger.sources or ()
    return ledger.seq, ledger.edits_seq, sorted(ledger.also), chosen, ledger.policy.ledger_hash


def components(left: Ledger, right: Ledger) -> list[Component]:
    """In what two ledgers differ, in the order of the path. Raises WrongUse across reporting currencies."""
    if left.policy["currency"] != right.policy["currency"]:
        one, other = left.policy["currency"], right.policy["currency"]
        raise WrongUse(
            f"no bridge leads from {one} to {other}: amounts of two currencies have no difference",
            remedy=f"Bring both into one: add currency={one} to the other ledger.",
        )
    found = []
    if left.sources != right.sources:
        found.append(Component("sources"))
    if left.edits_seq != right.edits_seq:
        found.append(Component("edits"))
    if (left.seq, left.also) != (right.seq, right.also):
        found.append(Component("journal"))
    return found + _keys(left, right)


def _keys(left: Ledger, right: Ledger) -> list[Component]:
    known = [key for key in left.policy.values if not key.startswith(REPORT)]
    assert set(known) == set(PIPELINE), "every ledger key stands in the pipeline"
    differ = [key for key in PIPELINE if left.policy[key] != right.policy[key]]
    stages = groupby(differ, key=lambda key: TOGETHER if key in TOGETHER else key)
    return [_component(tuple(keys)) for _, keys in stages]


def _component(keys: tuple[str, ...]) -> Component:
    return Component(f"policy: {', '.join(keys)}", keys)


def replaced(left: Ledger, right: Ledger, which: Collection[Component]) -> Ledger:
    """The left ledger with some components of the right, by the engine of today: no other can be run."""
    names = {one.name for one in which}
    keys = {key: right.policy[key] for one in which for key in one.keys}
    changed = left._replace(policy=left.policy.differing(keys)) if keys else left
    if "sources" in names:
        changed = changed._replace(sources=right.sources)
    if "edits" in names:
        changed = changed._replace(edits_seq=right.edits_seq)
    if "journal" in names:
        changed = changed._replace(seq=right.seq, also=right.also)
    return changed
