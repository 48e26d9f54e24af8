"""Invariant 9: every model agrees with a naive oracle that shares no code with it."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.oracle import ledger, rollforward
from tests.oracle.stories import filters, stories
from tests.properties import telling
from tests.properties.telling import Story, Told

LOOSE: dict[str, Any] = {
    "phases": [Phase.explicit, Phase.generate],
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "derandomize": True,
    "database": None,
}


def expected(story: Story) -> Told:
    """What the oracle makes of a story."""
    return [(str(m.on), m.customer, m.cls, m.amount, m.after, dict(m.lines)) for m in ledger(dict(story)).movements]


def _agree(story: Story) -> None:
    warehouse = telling.whole(telling.policy_of(story), telling.entries(story))
    try:
        assert telling.told(warehouse, story["as_of"]) == expected(story)
    finally:
        warehouse.close()


@settings(max_examples=120, **LOOSE)
@given(stories())
def test_movements_lines_and_causes_are_the_oracles(story: Story) -> None:
    """Any story under any policy: the same movements in the same order, line by line, cause by cause."""
    _agree(story)


@pytest.mark.soak
@settings(max_examples=6_000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(stories())
def test_thousands_of_stories(story: Story) -> None:
    """The same, drawn anew each time and by the thousand."""
    _agree(story)


@settings(max_examples=50, **LOOSE)
@given(stories(netting=("event", "day")), st.sampled_from(["month", "quarter"]), filters())
def test_filtered_roll_forwards_are_the_oracles(story: Story, grain: str, wanted: dict[str, str]) -> None:
    """Entering and leaving, by plan, currency, subscription and attribute."""
    policy = telling.policy_of(story)
    warehouse = telling.whole(policy, telling.entries(story))
    try:
        found = telling.rows(warehouse, policy, story["as_of"], grain, wanted.items())
        assert list(found.values()) == list(rollforward(dict(story), grain, wanted).values())
    finally:
        warehouse.close()
