"""With edits, too, a ledger is a function of its entries: however they are posted, and whatever prefix is asked for."""

import random
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mrr.derivation import ledgers
from mrr.derivation.engine import engine
from mrr.derivation.ledgers import Ledger
from mrr.journal import Entry
from mrr.policy import Policy
from mrr.warehouse import Warehouse
from tests.edits.scripts import entries, script
from tests.oracle.stories import stories
from tests.properties import telling
from tests.properties.telling import Story
from tests.properties.test_delivery import CATALOGUE, WAITING, post
from tests.properties.test_oracle import LOOSE, TIMES

MORE = [WAITING, *CATALOGUE]


def _told(warehouse: Warehouse) -> tuple[Any, ...]:
    """The ledger, and what became of every entry."""
    return telling.digest(warehouse), warehouse.rows("SELECT seq, outcome, reason FROM outcome ORDER BY seq")


def _whole(policy: Policy, batch: Sequence[Entry]) -> tuple[Any, ...]:
    warehouse = telling.whole(policy, batch)
    told = _told(warehouse)
    warehouse.close()
    return told


@settings(max_examples=6 * TIMES, **LOOSE)
@given(stories(), st.randoms(use_true_random=False))
def test_posting_edits_is_building_with_them(story: Story, chance: random.Random) -> None:
    """After every batch, edits and reverts in it: the same ledger, the same outcomes and reasons."""
    policy, told = telling.policy_of(story), entries(script(story, chance, MORE))
    first, *cuts = sorted({1, *chance.sample(range(1, len(told)), min(4, len(told) - 1))})
    warehouse = telling.whole(policy, told[:first])
    for start, end in zip([first, *cuts], [*cuts, len(told)], strict=True):
        if start < end:
            post(warehouse, policy, told[start:end])
            assert _told(warehouse) == _whole(policy, told[:end])
    warehouse.close()


@settings(max_examples=6 * TIMES, **LOOSE)
@given(stories(), st.randoms(use_true_random=False))
def test_edits_among_imports_or_after_them(story: Story, chance: random.Random) -> None:
    """Only the order of the edits themselves matters, not what was imported between them."""
    facts = [fact for fact in story["facts"] if fact["fact"] != "merge"]
    policy, steps = telling.policy_of(story), script({**story, "facts": facts}, chance)
    told = [place for place, step in enumerate(steps) if step.source != "edits"]
    said = [place for place, step in enumerate(steps) if step.source == "edits"]
    chance.shuffle(told)
    assert _whole(policy, entries(steps, [*told, *said]))[0] == _whole(policy, entries(steps))[0]


@settings(max_examples=6 * TIMES, **LOOSE)
@given(stories(), st.randoms(use_true_random=False))
def test_a_prefix_of_edits_is_a_ledger(story: Story, chance: random.Random) -> None:
    """As known at a seq; and with all edits over a prefix of everything else."""
    policy, told = telling.policy_of(story), entries(script(story, chance, MORE))
    book = telling.whole(policy, told)
    book.execute("CREATE TABLE watermark (journal_id TEXT, seq BIGINT, chain TEXT, engine TEXT, policy TEXT)")
    book.execute("INSERT INTO watermark VALUES ('', ?, '', ?, ?)", [len(told), engine(), policy.ledger_hash])
    seq = chance.randrange(1, len(told))
    with ledgers.opened(book, Ledger(policy, seq, seq)) as then:
        assert telling.digest(then) == _whole(policy, told[:seq])[0]
    with ledgers.opened(book, Ledger(policy, seq, len(told))) as edited:
        known = [entry for entry in told if entry.seq <= seq or entry.source == "edits"]
        assert telling.digest(edited) == _whole(policy, known)[0]
    book.close()
