"""Levels out of usage are the oracle's: quantities at their terms, and billed lines of metered items."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.basis.test_oracle import in_batches
from tests.oracle.drawn_usage import metered_stories, usage_stories
from tests.properties.telling import Story
from tests.properties.test_oracle import LOOSE, agree, expected

Fact = dict[str, Any]


def _sold(quantity: int = 0, **more: Any) -> list[Fact]:
    """A licensed item A at 10 and an item M at 1, metered unless it says otherwise."""
    price = {"unit_amount": "1.00", "interval": "month", "interval_count": 1}
    plan = {**price, "item": "A", "product": "pro", "price": "pro", "unit_amount": "10.00", "quantity": 1}
    return [plan, {**price, "item": "M", "product": "calls", "price": "calls", "quantity": quantity, **more}]


METER = _sold(usage_type="metered")


def _snapshot(day: str, status: str = "active", **more: Any) -> Fact:
    head = {"fact": "subscription", "subscription": "S1", "customer": "acme", "currency": "USD", "items": METER}
    return {**head, "effective_at": f"2025-{day}T00:00:00Z", "status": status, **more}


def _use(day: str, quantity: str, **more: Any) -> Fact:
    head = {"fact": "usage", "usage": day, "customer": "acme", "meter": "calls", "subscription": "S1", "item": "M"}
    return {**head, "effective_at": f"2025-{day}T00:00:00Z", "quantity": quantity, **more}


# What was decided of usage, worked out by hand; the policy's `usage` is `last` unless the story says otherwise.
DECIDED: dict[str, tuple[Any, list[Fact], list[str]]] = {
    "a pause takes usage along": (
        "last",
        [_snapshot("01-05"), _use("01-20", "7"), _snapshot("02-10", "paused")],
        ["01-05 acme new 10", "02-01 acme expansion 7", "02-10 acme churn -17"],
    ),
    "what was used in a trial counts with its conversion": (
        "last",
        [_snapshot("01-05", "trialing", trial_ends_at="2025-02-10T00:00:00Z"), _use("01-20", "7")],
        ["02-10 acme new 17", "03-01 acme contraction -7"],
    ),
    "usage is its user's, also where the list is truncated": (
        {"average": 2},
        [_snapshot("01-05"), _use("01-20", "7"), _use("02-15", "4", customer="beta"),
         _snapshot("02-10", customer="beta", items=METER[:1], has_more=True)],
        ["01-05 acme new 10", "02-01 acme expansion 7", "02-10 acme churn -17", "02-10 beta new 10",
         "03-01 beta expansion 4", "04-01 beta contraction -2", "05-01 beta contraction -2"],
    ),
    "an item that is licensed again counts by its own terms": (
        {"average": 2},
        [_snapshot("01-05"), _use("01-20", "7"), _snapshot("02-10", items=_sold(3))],
        ["01-05 acme new 10", "02-01 acme expansion 7", "02-10 acme contraction -4"],
    ),
    "the currency used last speaks": (
        {"average": 2},
        [_snapshot("01-05"), _use("01-20", "7"), _snapshot("02-10", currency="EUR"), _use("02-15", "4")],
        ["01-05 acme new 10", "02-01 acme expansion 7", "02-10 acme expansion 5", "03-01 acme contraction -1",
         "04-01 acme contraction -3", "05-01 acme contraction -3"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DECIDED)
def test_it_is_as_decided(name: str) -> None:
    """The ledger of each story is the one worked out by hand, and the oracle's."""
    usage, facts, rows = DECIDED[name]
    story: Story = {"policy": {"usage": usage}, "rates": [["2024-12-31", "EUR", "1.5"]], "facts": facts,
                    "as_of": "2025-07-01"}  # fmt: skip
    found = expected(story)
    assert [f"{on[5:]} {who} {cls} {amount / 1_000_000:g}" for on, who, cls, amount, *_ in found] == rows
    agree(story)


MANY: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}


@settings(max_examples=20, **LOOSE)
@given(usage_stories())
def test_quantities_are_priced_as_the_oracle_does(story: Story) -> None:
    """Metered items that come, go, change their terms and hands, under any policy that counts usage."""
    agree(story)


@pytest.mark.soak
@settings(max_examples=3_000, **MANY)
@given(usage_stories())
def test_thousands_of_stories_of_quantities(story: Story) -> None:
    """The same, drawn anew each time and by the thousand."""
    agree(story)


@settings(max_examples=20, **LOOSE)
@given(metered_stories())
def test_billed_lines_are_read_as_the_oracle_does(story: Story) -> None:
    """Bills for metered items beside others, and quantities that only basis subscription reads."""
    agree(story)


@pytest.mark.soak
@settings(max_examples=3_000, **MANY)
@given(metered_stories())
def test_thousands_of_stories_of_bills(story: Story) -> None:
    """The same, drawn anew each time and by the thousand."""
    agree(story)


@settings(max_examples=4, **LOOSE)
@given(usage_stories() | metered_stories(), st.randoms(use_true_random=False))
def test_incremental_is_rebuilt_after_every_batch(story: Story, chance: random.Random) -> None:
    """Usage, bills and snapshots in batches of any size and order, some of them twice."""
    in_batches(story, chance)
