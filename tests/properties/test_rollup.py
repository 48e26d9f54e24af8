"""A roll-forward out of the roll-up is the one out of the movements, however the ledger was built."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mrr import build, frame, rollforward
from mrr.frame import Asked
from mrr.period import parse_instant
from mrr.policy import Policy
from mrr.rollup import SUMS
from mrr.warehouse import Warehouse
from tests.oracle.stories import stories
from tests.properties import telling
from tests.properties.telling import Story
from tests.properties.test_delivery import post
from tests.properties.test_oracle import LOOSE

INSTANTS = ("2025-02-10T12:00:00Z", "2025-02-28T09:00:00Z", "2025-03-01", "2025-03-15T09:00:00Z", "2025-12-01")


def _from_movements(warehouse: Warehouse, policy: Policy, asked: Asked) -> list[rollforward.Row]:
    if not frame.look(warehouse, policy, asked):
        return []
    frame.moved(warehouse, policy, asked)
    return rollforward.rows(warehouse, asked)


def _posted(story: Story, batches: int) -> Warehouse:
    """The ledger of a story that came in some batches."""
    policy, entries = telling.policy_of(story), telling.entries(story)
    size = -(-len(entries) // batches)
    warehouse = telling.whole(policy, entries[:size])
    warehouse.prepared = True
    for start in range(size, len(entries), size):
        post(warehouse, policy, entries[start : start + size])
    return warehouse


@settings(max_examples=25, **LOOSE)
@given(stories(), st.sampled_from([None, "plan"]), st.sampled_from(INSTANTS), st.integers(1, 5))
def test_the_roll_up_tells_what_the_movements_tell(story: Story, by: str | None, as_of: str, batches: int) -> None:
    """Row by row, by day where windows are shorter than a month."""
    warehouse, policy = _posted(story, batches), telling.policy_of(story)
    grain: Any = "month" if policy["netting"] == "month" or batches % 2 else "day"
    asked = Asked(grain, parse_instant(as_of), by=by)
    assert rollforward.rollforward(warehouse, policy, asked) == _from_movements(warehouse, policy, asked)
    warehouse.close()


@settings(max_examples=15, **LOOSE)
@given(stories())
def test_a_book_in_slices_is_the_book(story: Story) -> None:
    """Customers derived slice by slice, a snapshot each: the same ledger and the same sums."""
    policy, entries = telling.policy_of(story), telling.entries(story)
    at_once = telling.whole(policy, entries)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "SLICE", 1)
        sliced = telling.whole(policy, entries)
    assert telling.digest(sliced) == telling.digest(at_once)
    assert _sums(sliced) == _sums(at_once)
    sliced.close()
    at_once.close()


def _sums(warehouse: Warehouse) -> list[Any]:
    return warehouse.rows(f"SELECT * FROM ({SUMS}) ORDER BY ALL")
