"""The state before an event: what orders facts of one instant."""

from typing import Any

import pytest

from mrr.facts import content_digest

from .bodies import START, event, item, price, snapshot, subscription

UPDATED = "customer.subscription.updated"


def chained(before: dict[str, Any], after: dict[str, Any], previous: Any) -> bool:
    """Whether the event that leads to `after` names the state `before`."""
    earlier = snapshot(event("customer.subscription.created", before, created=START - 100))
    return snapshot(event(UPDATED, after, previous)).prior == content_digest(earlier)


def test_plain_fields_are_restored() -> None:
    """A field that is read makes another state; one that is not makes the same."""
    trial = {"status": "trialing", "trial_end": START + 9}
    assert chained(subscription(**trial), subscription(trial_end=START + 9), {"status": "trialing"})
    assert chained(subscription(cancel_at_period_end=True), subscription(), {"cancel_at_period_end": True})
    assert not chained(subscription(), subscription(), {"cancel_at_period_end": True})
    assert chained(subscription(), subscription(), {"metadata": {"seats": "3"}, "latest_invoice": "in_1"})
    assert chained(subscription(), subscription(), {})


def test_nested_objects_merge() -> None:
    """Only the changed key of `pause_collection` is told; null says that there was none."""
    paused = subscription(pause_collection={"behavior": "void", "resumes_at": START + 9})
    other = subscription(pause_collection={"behavior": "void", "resumes_at": START + 5})
    assert chained(other, paused, {"pause_collection": {"resumes_at": START + 5}})
    assert chained(other, paused, {"pause_collection": {"behavior": "void", "resumes_at": START + 5}})
    assert chained(subscription(), paused, {"pause_collection": None})
    assert chained(paused, subscription(), {"pause_collection": {"behavior": "void", "resumes_at": START + 9}})


def test_what_a_nested_object_keeps() -> None:
    """Keys that are not told stay: the coupon of a discount whose end moved, `has_more` of a list that changed."""
    coupon = {"id": "half", "percent_off": 50, "duration": "forever"}
    given = {"id": "di_1", "coupon": coupon, "start": START, "end": None}
    ending = subscription(discount={**given, "end": START + 9})
    assert chained(ending, subscription(discount=given), {"discount": {"end": START + 9}})
    one = {"object": "list", "data": [item()], "has_more": True}
    two = {**one, "data": [item(quantity=2)]}
    assert chained(subscription(items=one), subscription(items=two), {"items": {"data": [item()]}})


def test_items_are_replaced() -> None:
    """The list of items is told whole, also for one changed price."""
    one, two = item(), item(id="si_2", price=price(id="price_2", unit_amount_decimal="900"), quantity=3)
    assert chained(subscription(one), subscription(two), {"items": {"data": [one]}})
    assert chained(subscription(one, two), subscription(two), {"items": {"data": [one, two]}})
    assert not chained(subscription(one, two), subscription(two), {"items": {"data": [one]}})


def test_a_chain_of_three_in_one_second() -> None:
    """Each event names the one before it, whatever order they arrive in."""
    first, second, third = (
        subscription(item(quantity=1)),
        subscription(item(quantity=2)),
        subscription(item(quantity=3)),
    )
    created = snapshot(event("customer.subscription.created", first))
    once = snapshot(event(UPDATED, second, {"items": {"data": [item(quantity=1)]}}))
    twice = snapshot(event(UPDATED, third, {"items": {"data": [item(quantity=2)]}}))
    assert (once.prior, twice.prior) == (content_digest(created), content_digest(once))


@pytest.mark.parametrize("previous", [{"status": "future"}, {"items": {"data": [{"id": "si_1"}]}}, {"customer": 5}, []])
def test_what_cannot_be_restored_orders_nothing(previous: Any) -> None:
    """The event itself is sound; only the order is not known."""
    assert snapshot(event(UPDATED, subscription(), previous)).prior is None


def test_without_previous_attributes_nothing_is_named() -> None:
    """An absent or null value says nothing of the state before."""
    assert snapshot(event(UPDATED, subscription())).prior is None
    empty = event(UPDATED, subscription())
    empty["data"]["previous_attributes"] = None
    assert snapshot(empty).prior is None
