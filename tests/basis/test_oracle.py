"""Levels out of invoices, credit notes and payments are the oracle's, whole or posted batch by batch."""

import random
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mrr.journal import Entry
from tests.oracle.drawn_money import money_stories
from tests.oracle.metrics import Asked, Firm
from tests.properties import telling
from tests.properties.questions import disagreements, questions
from tests.properties.telling import Story
from tests.properties.test_delivery import post, renumbered, whole
from tests.properties.test_metrics import MUCH_LATER
from tests.properties.test_oracle import LOOSE, TIMES, agree


@settings(max_examples=20, **LOOSE)
@given(money_stories())
def test_movements_lines_and_causes_are_the_oracles(story: Story) -> None:
    """Any bills around any subscriptions, under any policy of the keys that read them."""
    agree(story)


@pytest.mark.soak
@settings(max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(money_stories())
def test_thousands_of_stories(story: Story) -> None:
    """The same, drawn anew each time and by the thousand."""
    agree(story)


@settings(max_examples=5 * TIMES, **LOOSE)
@given(money_stories(), st.booleans(), st.data())
def test_metrics_of_what_is_billed_are_the_oracles(story: Story, early: bool, data: Any) -> None:
    """What was billed for the days of a period, and what is committed, at every grain, grouped and filtered."""
    _metrics_agree(story, data.draw(questions(story["policy"]["netting"])), early)


@pytest.mark.soak
@settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(money_stories(), st.booleans(), st.data())
def test_metrics_of_a_thousand_stories(story: Story, early: bool, data: Any) -> None:
    """The same, drawn anew each time."""
    _metrics_agree(story, data.draw(questions(story["policy"]["netting"])), early)


def _metrics_agree(story: Story, asked: Asked, early: bool) -> None:
    policy, entries = telling.policy_of(story), telling.entries(story)
    if not early:
        entries = [msgspec.structs.replace(entry, recorded_at=MUCH_LATER + entry.seq) for entry in entries]
    warehouse = telling.whole(policy, entries)
    try:
        told = Firm([story], recorded_early=early)
        assert disagreements(warehouse, policy, told, asked, ["mrr.committed", "mrr.recognised", "mrr.usage"]) == []
    finally:
        warehouse.close()


@settings(max_examples=5, **LOOSE)
@given(money_stories(), st.randoms(use_true_random=False))
def test_incremental_is_rebuilt_after_every_batch(story: Story, chance: random.Random) -> None:
    """Invoices, payments, credit notes and subscriptions in batches of any size and order, some of them twice."""
    in_batches(story, chance)


def in_batches(story: Story, chance: random.Random) -> None:
    """Post a story in batches of any size and order, some entries twice; each ledger is what a rebuild gives."""
    policy = telling.policy_of(story)
    entries: list[Entry] = telling.entries(story)
    entries += chance.sample(entries, len(entries) // 4)
    chance.shuffle(entries)
    entries = renumbered(entries)
    cuts = sorted({1, len(entries), *chance.sample(range(1, len(entries)), min(3, len(entries) - 1))})
    warehouse = telling.whole(policy, entries[: cuts[0]])
    for start, end in pairwise(cuts):
        post(warehouse, policy, entries[start:end])
        assert telling.digest(warehouse) == whole(policy, entries[:end])
    warehouse.close()
