"""What another definition would make of the gap: each preset, each value of a policy key, the best keys together."""

import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from mrr.compare.answer import Hypothesis
from mrr.compare.sides import Cell, Side, agrees, distance, tolerance
from mrr.derivation.posting import Progress
from mrr.errors import PolicyError
from mrr.policy import KEYS, Policy, presets
from mrr.policy.reference import written

# What only lines of invoices feel.
OF_INVOICES = ("refund", "dispute", "credit_note", "proration", "invoice.carry")
TOGETHER = 3
EXAMPLES = 3

Changes = Mapping[str, Any]
Ledgers = Callable[[Policy], AbstractContextManager[Side]]


class Weighed(NamedTuple):
    """A policy and what it would make of the cells that were looked at."""

    hypothesis: Hypothesis
    changes: Changes


class Scale(NamedTuple):
    """What hypotheses are weighed on: the claim, our side of it, the cells looked at, and the whole gap."""

    claim: Side
    ledger: Side
    cells: tuple[Cell, ...]
    gap: int

    def weigh(self, kind: str, name: str, says: str, other: Side) -> Hypothesis:
        """What the gap would be were our side the other one, on the cells that were looked at."""
        before, after = (distance(self.cells, self.claim, side) for side in (self.ledger, other))
        now = {cell for cell in self.cells if agrees(cell, self.claim.get(cell, 0), self.ledger.get(cell, 0))}
        then = {cell for cell in self.cells if agrees(cell, self.claim.get(cell, 0), other.get(cell, 0))}
        return Hypothesis(
            kind=kind,
            name=name,
            says=says,
            gap_before_micros=self.gap,
            gap_after_micros=self.gap - before + after,
            explained=len(then - now),
            broken=len(now - then),
            examples=sorted(cell.customer for cell in then - now if cell.customer)[:EXAMPLES],
        )

    def is_telling(self, one: Hypothesis) -> bool:
        """Whether a hypothesis closes a minor unit of the gap, or makes more figures agree than it breaks.

        The second may widen the gap of others, and close it once another key is right for them too.
        """
        least = min((tolerance(cell.currency) for cell in self.cells), default=1)
        return self.gap - one.gap_after_micros >= least or one.explained > one.broken


def weighed(
    scale: Scale, official: Policy, matter: Collection[str], ledgers: Ledgers, progress: Progress | None = None
) -> list[Hypothesis]:
    """Every preset and every other value of a key that tells something, and the best keys taken together.

    `matter` are the keys that can change an amount in this book; a policy that differs in others alone is not derived.
    """
    tried: dict[str, Side] = {official.ledger_hash: scale.ledger}

    def side(changes: Changes) -> Side:
        policy = official.differing({key: value for key, value in changes.items() if key in matter})
        if policy.ledger_hash not in tried:
            with ledgers(policy) as other:
                tried[policy.ledger_hash] = other
        return tried[policy.ledger_hash]

    offers = [*_presets(official), *_keys(official, matter)]
    found: list[Weighed] = []
    for number, (kind, name, says, changes) in enumerate(offers):
        if progress is not None:
            progress("compare", number, len(offers))
        hypothesis = scale.weigh(kind, name, says, side(changes))
        if scale.is_telling(hypothesis):
            found.append(Weighed(hypothesis, changes))
    keys = [one for one in found if one.hypothesis.kind == "key"]
    return [one.hypothesis for one in found] + list(_together(scale, keys, side))


def _presets(official: Policy) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for name, one in presets().items():
        policy = one.over(official)
        changes = {key.name: policy[key.name] for key in KEYS if policy[key.name] != official[key.name]}
        yield "preset", name, f"the published rules of {one.title}", changes


def _keys(official: Policy, matter: Collection[str]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for key in KEYS:
        if key.name not in matter or (key.name in OF_INVOICES and official["basis"] != "invoice"):
            continue
        for value in _values(key.name, key.values, official):
            changes = {key.name: value}
            yield "key", f"{key.name} = {written(value)}", f"instead of {written(official[key.name])}", changes


def _values(name: str, documented: Mapping[str, str], official: Policy) -> Iterator[Any]:
    """The values that are documented, or that a tool publishes, and that the policy does not have."""
    published = [rule.value for one in presets().values() for rule in (*one.rules, *one.settings) if rule.key == name]
    known = [official[name]]
    for value in [*map(_parsed, documented), *published]:
        try:
            meant = official.differing({name: value})[name]
        except PolicyError:
            continue
        if meant not in known:
            known.append(meant)
            yield meant


def _parsed(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _together(scale: Scale, found: list[Weighed], side: Callable[[Changes], Side]) -> Iterator[Hypothesis]:
    """The key that closes most, then the one that closes most beside it, while each closes more."""
    chosen: list[Weighed] = []
    least = scale.gap
    while len(chosen) < TOGETHER:
        offers = [_joined([*chosen, one], scale, side) for one in found if _is_new(one, chosen)]
        best = min(offers, key=lambda pair: pair[0].gap_after_micros, default=None)
        if best is None or best[0].gap_after_micros >= least:
            return
        hypothesis, chosen = best
        least = hypothesis.gap_after_micros
        if len(chosen) > 1:
            yield hypothesis


def _is_new(one: Weighed, chosen: list[Weighed]) -> bool:
    return not any(one.changes.keys() & other.changes.keys() for other in chosen)


def _joined(chosen: list[Weighed], scale: Scale, side: Callable[[Changes], Side]) -> tuple[Hypothesis, list[Weighed]]:
    changes = {key: value for one in chosen for key, value in one.changes.items()}
    name = ", ".join(one.hypothesis.name for one in chosen)
    return scale.weigh("keys", name, "these together", side(changes)), chosen
