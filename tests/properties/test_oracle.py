"""Invariant 9: every model agrees with a naive oracle that shares no code with it."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.oracle import ledger, rollforward
from tests.oracle.stories import filters, stories
from tests.properties import telling
from tests.properties.telling import Story, Told

# `make soak` draws many times as many examples as each run does.
TIMES = int(os.environ.get("MRR_EXAMPLES", "1"))
LOOSE: dict[str, Any] = {
    "phases": [Phase.explicit, Phase.generate],
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "derandomize": True,
    "database": None,
}


def _snapshot(at: str, status: str, names: dict[str, int], **more: Any) -> dict[str, Any]:
    """A native snapshot of one subscription with monthly items at 10 USD a unit."""
    price = {"unit_amount": "10", "interval": "month", "interval_count": 1}
    items = [{"item": name, "product": name, "price": name, "quantity": n, **price} for name, n in names.items()]
    return {"fact": "subscription", "customer": "acme", "subscription": "S1", "effective_at": at, "status": status,
            "currency": "USD", "items": items, **more}  # fmt: skip


def _segment(at: str, value: str) -> dict[str, Any]:
    return {"fact": "customer", "customer": "acme", "effective_at": at, "attributes": {"segment": value}}


# An item that enters while the levels before it are carried over a gap: the state before the gap names the cause (A12).
INTO_A_GAP: Story = {
    "policy": {"gap": 28, "netting": "day"}, "rates": [], "as_of": "2025-04-01",
    "facts": [
        _snapshot("2025-01-15T10:00:00Z", "active", {"A": 3}),
        _snapshot("2025-02-27T09:00:00Z", "trialing", {"A": 3, "D": 1}, trial_ends_at="2025-02-28T14:00:00Z"),
        _snapshot("2025-02-28T15:00:00Z", "active", {"A": 3, "D": 1}),
    ],
}  # fmt: skip
# An attribute opens the window in which a trial begins and converts (A42).
OPENED_BY_AN_ATTRIBUTE: Story = {
    "policy": {"netting": "day"}, "rates": [], "as_of": "2025-04-01",
    "facts": [
        _segment("2025-01-01T00:00:00Z", "small"),
        _snapshot("2025-01-15T10:00:00Z", "active", {"A": 3}),
        _segment("2025-02-28T05:00:00Z", "large"),
        _snapshot("2025-02-28T09:00Z", "trialing", {"D": 1}, subscription="S2", trial_ends_at="2025-02-28T14:00:00Z"),
        _snapshot("2025-02-28T15:00:00Z", "active", {"D": 1}, subscription="S2"),
    ],
}  # fmt: skip
# The snapshot that ends a subscription lists a discount: what is paid through stays as it was last seen alive (A6).
PERIOD = ["2025-03-10T00:00:00Z", "2025-04-10T00:00:00Z"]
DISCOUNT = {
    "id": "d",
    "amount": "5",
    "duration": "forever",
    "scope": "subscription",
    "starts_at": "2025-03-25T00:00:00Z",
}
PAID_THROUGH: Story = {
    "policy": {"churn_at": "paid_through", "netting": "day"}, "rates": [], "as_of": "2025-06-01",
    "facts": [
        _snapshot("2025-03-10T00:00:00Z", "active", {"A": 10}, period=PERIOD),
        _snapshot("2025-03-20T00:00:00Z", "canceled", {"A": 12}, period=PERIOD, ended_at="2025-03-20T00:00:00Z",
                  discounts=[DISCOUNT]),
    ],
}  # fmt: skip
# A pause out of a trial ends by its boundary, but the next fact ends the subscription: it never converted (A3, A22).
RESUMED_AND_ENDED: Story = {
    "policy": {"netting": "day"}, "rates": [], "as_of": "2025-06-01",
    "facts": [
        _snapshot("2025-02-20T00:00:00Z", "trialing", {"A": 3}, trial_ends_at="2025-02-28T00:00:00Z"),
        _snapshot("2025-02-27T00:00:00Z", "active", {"A": 3}, pause={"resumes_at": "2025-03-01T09:00:00Z"}),
        _snapshot("2025-03-31T00:00:00Z", "canceled", {"A": 3}, ended_at="2025-03-15T00:00:00Z"),
    ],
}  # fmt: skip
# A `once` discount that began before the known period ended with the one before, also where the item's own interval is
# longer than the known period (A9, A17).
ONCE_BEFORE_THE_PERIOD: Story = {
    "policy": {"discount.once": "deduct"}, "rates": [], "as_of": "2025-04-01",
    "facts": [
        _snapshot("2025-02-01T00:00:00Z", "active", {"A": 3}, period=["2025-02-01T00:00:00Z", "2025-03-01T00:00:00Z"],
                  discounts=[{"id": "d", "percent": "100", "duration": "once", "starts_at": "2025-01-31T00:00:00Z"}])
    ],
}  # fmt: skip
ONCE_BEFORE_THE_PERIOD["facts"][0]["items"][0] |= {"interval": "day", "interval_count": 30}


def expected(story: Story) -> Told:
    """What the oracle makes of a story."""
    return [(str(m.on), m.customer, m.cls, m.amount, m.after, dict(m.lines)) for m in ledger(dict(story)).movements]


def agree(story: Story) -> None:
    """Tell a story to the models and to the oracle, and compare line by line, cause by cause."""
    warehouse = telling.whole(telling.policy_of(story), telling.entries(story))
    try:
        assert telling.told(warehouse, story["as_of"]) == expected(story)
    finally:
        warehouse.close()


@settings(max_examples=80 * TIMES, **LOOSE)
@given(stories())
@example(INTO_A_GAP)
@example(OPENED_BY_AN_ATTRIBUTE)
@example(PAID_THROUGH)
@example(RESUMED_AND_ENDED)
@example(ONCE_BEFORE_THE_PERIOD)
def test_movements_lines_and_causes_are_the_oracles(story: Story) -> None:
    """Any story under any policy: the same movements in the same order, line by line, cause by cause."""
    agree(story)


@pytest.mark.soak
@settings(max_examples=6_000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(stories())
def test_thousands_of_stories(story: Story) -> None:
    """The same, drawn anew each time and by the thousand."""
    agree(story)


@settings(max_examples=35 * TIMES, **LOOSE)
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
