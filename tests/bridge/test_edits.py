"""Bridges over drawn edits of every kind: one by one, put in or taken away, they add up."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mrr.derivation.ledgers import Ledger
from tests.bridge.crossed import Story, book_of, check, crossed
from tests.edits.scripts import entries, script
from tests.edits.test_properties import MORE
from tests.oracle.stories import stories
from tests.properties import telling
from tests.properties.test_oracle import LOOSE


@settings(max_examples=3, **LOOSE)
@given(stories(), st.randoms(use_true_random=False))
def test_edits_one_by_one_add_up(story: Story, chance: random.Random) -> None:
    """Each edit for itself, of any verb and order; those that are taken back in the end, too."""
    _add_up(story, chance)


@pytest.mark.soak
@settings(max_examples=200, **LOOSE | {"derandomize": False})
@given(stories(), st.randoms(use_true_random=False))
def test_edits_of_many_stories_add_up(story: Story, chance: random.Random) -> None:
    """The same, drawn anew each time."""
    _add_up(story, chance)


def _add_up(story: Story, chance: random.Random) -> None:
    policy, told = telling.policy_of(story), entries(script(story, chance, MORE))
    known = [chance.randrange(1, len(told) + 1) for _ in range(4)]
    with book_of(policy, told) as book:
        found = crossed(book, Ledger(policy, known[0], known[1]), Ledger(policy, known[2], known[3]), story["as_of"])
    check(found)
    for row in found.rows:
        if row.step.startswith("edits"):
            assert [told[seq - 1].source for seq in row.entries] == ["edits"]
