"""Puts the facts of one subscription in order, and resolves truncated lists and merged customers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from tests.oracle.story import Snapshot, Story, instant

RANK = {"created": 0, "updated": 1, "deleted": 2}


def _same(left: Any, right: Any) -> bool:
    """Equal values, dates being equal however they are written."""
    if isinstance(left, dict) and isinstance(right, dict):
        keys = set(left) | set(right)
        return all(_same(left.get(key), right.get(key)) for key in keys)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(_same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, datetime) or isinstance(right, datetime):
        return left is not None and right is not None and instant(left) == instant(right)
    return bool(left == right) or (_absent(left) and _absent(right))


def _absent(value: Any) -> bool:
    """True for the ways to write that a key is not set."""
    return value is None or value is False or value == [] or value == {}


def follows(earlier: Snapshot, later: Snapshot) -> bool:
    """True where `later`, with its previous values put back, is the whole of `earlier` (DESIGN §4)."""
    return later.previous is not None and _same({**later.written, **later.previous}, earlier.written)


def _reachable(group: list[Snapshot], start: Snapshot, goal: Snapshot) -> bool:
    """True where a chain of previous attributes leads from one fact to another."""
    seen, todo = [start], [start]
    while todo:
        here = todo.pop()
        for fact in group:
            if fact not in seen and fact is not here and follows(here, fact):
                seen.append(fact)
                todo.append(fact)
    return goal in seen[1:]


def before(group: list[Snapshot], left: Snapshot, right: Snapshot) -> bool | None:
    """Whether `left` stands before `right`: the chain, then created < updated < deleted, else None (A1)."""
    if _reachable(group, left, right):
        return True
    if _reachable(group, right, left):
        return False
    if left.change != right.change:
        return RANK[left.change] < RANK[right.change]
    return None


def _one_instant(group: list[Snapshot]) -> list[Snapshot]:
    """The facts of one instant in order; of facts in conflict the one of the lowest digest stands (A1)."""
    standing: list[Snapshot] = []
    for fact in sorted(group, key=Snapshot.digest):
        if all(before(group, fact, other) is not None for other in standing):
            standing.append(fact)
    return sorted(standing, key=lambda fact: sum(before(group, other, fact) is True for other in standing))


def _whole_items(facts: list[Snapshot]) -> list[Snapshot]:
    """A truncated list ends nothing: what it leaves out is as the fact before said (DESIGN §5)."""
    whole: list[Snapshot] = []
    for fact in facts:
        if fact.has_more and whole:
            listed = {item.item_id for item in fact.items}
            carried = tuple(item for item in whole[-1].items if item.item_id not in listed)
            fact = replace(fact, items=fact.items + carried)
        whole.append(fact)
    return whole


def ordered(story: Story) -> dict[str, list[Snapshot]]:
    """Every subscription's facts, each once, ordered by effective_at and then within the instant."""
    by_subscription: dict[str, dict[datetime, list[Snapshot]]] = {}
    for fact in story.snapshots:
        group = by_subscription.setdefault(fact.subscription, {}).setdefault(fact.at, [])
        if fact not in group:
            group.append(fact)
    return {
        subscription: _whole_items([fact for at in sorted(groups) for fact in _one_instant(groups[at])])
        for subscription, groups in by_subscription.items()
    }


def merged(story: Story) -> dict[str, str]:
    """Where each merged customer id leads; a second target or a cycle is set aside, the first edit stands (A44)."""
    into: dict[str, str] = {}
    for source, target in story.merges:
        if source not in into and resolve(into, target) != source:
            into[source] = target
    return into


def resolve(into: dict[str, str], customer: str) -> str:
    """The customer that an id stands for after all merges."""
    while customer in into:
        customer = into[customer]
    return customer
