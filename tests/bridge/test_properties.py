"""DESIGN §9 as properties: every bridge telescopes, turns, is empty for equals, and its steps are the oracle's."""

import random
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mrr.bridge.path import PIPELINE, TOGETHER
from mrr.bridge.shapes import Bridge
from mrr.derivation.ledgers import Ledger
from mrr.journal import Entry
from mrr.policy import Policy, standard
from tests.bridge.crossed import Cell, Story, book_of, cell_of, check, crossed, sums
from tests.oracle import ledger
from tests.oracle.drawn_policy import WORTH
from tests.oracle.drawn_usage import USAGE, usage_stories
from tests.oracle.stories import stories
from tests.properties import telling
from tests.properties.test_delivery import renumbered
from tests.properties.test_oracle import LOOSE

Cells = dict[Cell, tuple[int, int]]
# Of facts of one instant only all together are in order; a part of them is a conflict, which is left open (A1).
CLEAR: dict[str, Any] = {"same_instant": False}
LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def policies_of(story: Story, other: Story, chance: random.Random, most: int = 2) -> tuple[Policy, Policy]:
    """The policy of a story, and one with some keys of the other's, in the same currency."""
    policy, theirs = telling.policy_of(story), dict(telling.policy_of(other).values)
    theirs |= {"currency": policy["currency"], "fx.fixed": dict(WORTH[policy["currency"]])}
    differ = [key for key in PIPELINE if policy[key] != theirs[key] and key != "fx.fixed"]
    keys = chance.sample(differ, min(len(differ), most))
    keys += ["fx.fixed"] if "fx.rate" in keys else []
    return policy, policy.differing({key: theirs[key] for key in keys})


def delivered(story: Story, chance: random.Random) -> tuple[list[Entry], int]:
    """The story's entries in any order, but for the rates that were there before everything; how many these are."""
    told = telling.entries(story)
    early = [e for e in told if b'"2024-11-30"' in e.body]
    late = [e for e in told if b'"2024-11-30"' not in e.body]
    chance.shuffle(late)
    return renumbered([*early, *late]), len(early)


@settings(max_examples=4, **LOOSE)
@given(stories(facts_at_most=3, **CLEAR), stories(), st.randoms(use_true_random=False))
def test_every_step_is_what_the_oracle_makes_of_it(story: Story, other: Story, chance: random.Random) -> None:
    """Each Lᵢ recomputed: entry by entry in effective order, then key by key; also the way back. Nobody lacks."""
    _recomputed(story, *policies_of(story, other, chance), chance)


@pytest.mark.soak
@settings(max_examples=150, **LOOSE | {"derandomize": False})
@given(stories(**CLEAR), stories(), st.randoms(use_true_random=False))
def test_every_step_of_many_bridges(story: Story, other: Story, chance: random.Random) -> None:
    """The same of longer stories and any number of keys, drawn anew each time."""
    _recomputed(story, *policies_of(story, other, chance, most=12), chance)


@settings(max_examples=2, **LOOSE)
@given(usage_stories(facts_at_most=3, **CLEAR), st.sampled_from(["exclude", *USAGE]), st.randoms(use_true_random=False))
def test_the_steps_of_usage_are_the_oracles(story: Story, usage: Any, chance: random.Random) -> None:
    """Quantities that are told entry by entry, then another value of `usage` alone."""
    policy = telling.policy_of(story)
    _recomputed(story, policy, policy.differing({"usage": usage}), chance)


@pytest.mark.soak
@settings(max_examples=100, **LOOSE | {"derandomize": False})
@given(usage_stories(**CLEAR), usage_stories(), st.randoms(use_true_random=False))
def test_the_steps_of_usage_in_many_bridges(story: Story, other: Story, chance: random.Random) -> None:
    """The same of longer stories and any number of keys, drawn anew each time."""
    _recomputed(story, *policies_of(story, other, chance, most=12), chance)


def _recomputed(story: Story, before: Policy, after: Policy, chance: random.Random) -> None:
    entries, early = delivered(story, chance)
    left = chance.randrange(early, len(entries))
    with book_of(after, entries) as book:
        found = crossed(book, Ledger(before, left, left), Ledger(after, len(entries), len(entries)), story["as_of"])
    check(found)
    _agree(found, steps_of(story, entries, left, before, after))


def _turns(found: Bridge, back: Bridge) -> None:
    """The reverse bridge is the negated one, row by row."""
    there = [(row.step, *cell_of(row), row.amount_micros, row.entries) for row in found.rows]
    here = [(row.step, *cell_of(row), -row.amount_micros, row.entries) for row in reversed(back.rows)]
    assert there == here
    assert back.difference_micros == -found.difference_micros
    check(back)


def steps_of(story: Story, entries: list[Entry], left: int, before: Policy, after: Policy) -> list[tuple[str, Cells]]:
    """Every step of the path with the cells that the oracle has after it; the first is the left end."""
    known = [entry for entry in entries if entry.seq <= left]
    path = [("left", _cells(story, known, before))]
    for name, several in _in_order([entry for entry in entries if entry.seq > left]):
        known = known + several
        path.append((name, _cells(story, known, before)))
    for keys in _keys(before, after):
        before = before.differing({key: after[key] for key in keys})
        path.append((f"policy: {', '.join(keys)}", _cells(story, known, before)))
    return path


def _keys(before: Policy, after: Policy) -> list[tuple[str, ...]]:
    differ = [key for key in PIPELINE if before[key] != after[key]]
    fx = tuple(key for key in differ if key in TOGETHER)
    return list(dict.fromkeys(fx if key in fx else (key,) for key in differ))


def _in_order(fresh: list[Entry]) -> list[tuple[str, list[Entry]]]:
    """Steps in effective order, the rates of a month together."""
    steps: dict[Any, list[Entry]] = {}
    for entry in fresh:
        body = msgspec.json.decode(entry.body)
        steps.setdefault(body["day"][:7] if entry.source == "rates" else entry.seq, []).append(entry)
    placed = sorted(steps.items(), key=lambda step: (min(map(_effective, step[1])), [e.seq for e in step[1]]))
    return [(f"journal: rates of {k}" if isinstance(k, str) else f"journal: entry {k}", e) for k, e in placed]


def _effective(entry: Entry) -> datetime:
    body = msgspec.json.decode(entry.body)
    at = body.get("effective_at") or body.get("at") or body.get("day")
    moment = datetime.fromisoformat(at) if at else LONG_AGO
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _cells(story: Story, known: list[Entry], policy: Policy) -> Cells:
    """What the oracle makes of some entries under a policy, by month, customer and class."""
    bodies = [(entry.source, msgspec.json.decode(entry.body)) for entry in known]
    rates = [[body["day"], *pair] for source, body in bodies if source == "rates" for pair in body["values"].items()]
    facts = [body for source, body in bodies if source != "rates"]
    told = {
        **story,
        "policy": {key: policy[key] for key in PIPELINE if policy[key] != standard()[key]},
        "rates": rates,
        "facts": facts,
    }
    found: Cells = {}
    for row in ledger(told).movements if facts else ():
        cell = (date(row.on.year, row.on.month, 1), row.customer, row.cls)
        amount, moves = found.get(cell, (0, 0))
        found[cell] = amount + row.amount, moves + 1
    return found


def _agree(found: Bridge, path: list[tuple[str, Cells]]) -> None:
    """The same rows as the oracle's; who is equal at the ends may be left out, with all of its rows."""
    wanted: dict[str, list[Any]] = {}
    for (_, before), (step, after) in pairwise(path):
        for cell in sorted({*before, *after}):
            (was, moves), (amount, moved) = before.get(cell, (0, 0)), after.get(cell, (0, 0))
            if (was, moves) != (amount, moved):
                wanted.setdefault(cell[1], []).append((step, cell, was, amount, moves, moved))
    told: dict[str, list[Any]] = {}
    for row in found.rows:
        figures = row.before_micros, row.after_micros, row.before_moves, row.after_moves
        told.setdefault(row.customer_id, []).append((row.step, cell_of(row), *figures))
    (_, left), (_, right) = path[0], path[-1]
    differ = {cell[1] for cell in {*left, *right} if left.get(cell) != right.get(cell)}
    assert differ <= told.keys()
    assert told == {customer: rows for customer, rows in wanted.items() if customer in told}


@settings(max_examples=2, **LOOSE)
@given(stories(facts_at_most=3), stories(), st.randoms(use_true_random=False))
def test_rates_prices_and_merges_in_any_order_telescope(story: Story, other: Story, chance: random.Random) -> None:
    """Whatever lies between two ledgers: single entries beside a prefix on both sides, and other keys."""
    before, after = policies_of(story, other, chance)
    entries = telling.entries(story)
    chance.shuffle(entries)
    entries = renumbered(entries)
    ends = [_any_ledger(policy, len(entries), chance) for policy in (before, after)]
    with book_of(before, entries) as book:
        found, back = crossed(book, *ends, story["as_of"]), crossed(book, *reversed(ends), story["as_of"])
        assert sums(found.rows) == {cell: (-a, -n) for cell, (a, n) in sums(back.rows).items()}
    check(found)
    _turns(found, back)


def _any_ledger(policy: Policy, last: int, chance: random.Random) -> Ledger:
    seq = chance.randint(1, last)
    also = chance.sample(range(seq + 1, last + 1), (last - seq) // 3)
    return Ledger(policy, seq, chance.randint(1, last), frozenset(also))


@settings(max_examples=3, **LOOSE)
@given(stories(), st.randoms(use_true_random=False))
def test_equal_ledgers_have_an_empty_bridge(story: Story, chance: random.Random) -> None:
    """Also where a report key, a name or the way they are written differs."""
    policy, entries = telling.policy_of(story), telling.entries(story)
    seq = len(entries)
    twin = policy.differing({"report.week_start": "sunday"}, "twin")
    with book_of(policy, entries) as book:
        found = crossed(book, Ledger(policy, seq, seq), Ledger(twin, seq, 0), story["as_of"])
    assert (found.customers, found.rows, found.causes, found.difference_micros) == (0, [], [], 0)
    check(found)


def test_the_pipeline_has_every_ledger_key_once() -> None:
    keys = [key for key in telling.policy_of({}).values if not key.startswith("report.")]
    assert sorted(PIPELINE) == sorted(keys)
