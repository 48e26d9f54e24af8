"""The truth of whole companies: it adds up, every lifecycle comes to pass, and it does not hang on how events look."""

from collections import defaultdict
from datetime import date
from functools import cache

import pytest

from mrr.simulate import Truth, company
from mrr.simulate.state import Body

SEEDS = (1, 2)
LIFECYCLES = (
    "trial_converted", "trial_cancelled", "trial_cancelled_second_after", "trial_extended", "trial_paused",
    "trial_converted_after_pause", "cancelled_now",
    "cancelled_at_period_end", "uncancelled", "cancel_at", "returned_new_subscription", "resumed",
    "unpaid_recovered", "joined_and_left_in_a_month", "joined_and_left_in_a_day", "upgraded", "downgraded",
    "month_to_year", "year_to_month", "price_raised", "schedule_phase", "swapped_at_equal_price", "week", "day",
    "quarter", "year", "month", "quantity_changed", "quantities_in_one_day", "second_subscription",
    "second_subscription_cancelled", "item_added", "item_removed", "replaced_on_one_day",
    "replaced_in_another_currency", "paused", "paused_with_resumes_at", "resumed_by_date", "paused_for_hours",
    "past_due_recovered", "past_due_cancelled", "unpaid", "unpaid_cancelled", "incomplete_activated",
    "incomplete_expired", "coupon_percent_once", "coupon_percent_repeating", "coupon_percent_forever",
    "coupon_amount_once", "coupon_amount_repeating", "coupon_amount_forever", "coupon_repeating_on_annual",
    "coupon_carried", "coupons_stacked", "coupon_above_price", "coupon_shared", "coupon_on_customer",
    "customer_coupon_ended", "customer_coupon_removed", "coupon_removed_early", "free_then_paid", "fell_to_free",
    "sold_graduated", "sold_volume", "sold_calls", "sold_contacts", "USD", "EUR", "GBP", "JPY", "KWD",
    "attributes_changed",
)  # fmt: skip


@cache
def truth(seed: int) -> Truth:
    """The truth of a company of 500 customers."""
    return company(seed, 500, invoices=False).truth()


@pytest.mark.parametrize("seed", SEEDS)
def test_every_lifecycle_comes_to_pass(seed: int) -> None:
    assert [name for name in LIFECYCLES if not truth(seed).lifecycles.get(name)] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_opening_and_movements_give_closing_for_every_customer(seed: int) -> None:
    running: dict[str, int] = defaultdict(int)
    for row in truth(seed).movements:
        assert row["amount_micros"] == sum(line["amount_micros"] for line in row["lines"])
        assert all(line["amount_micros"] == sum(line["causes"].values()) and line["causes"] for line in row["lines"])
        running[row["customer_id"]] += row["amount_micros"]
        assert row["mrr_after_micros"] == running[row["customer_id"]] >= 0


@pytest.mark.parametrize("seed", SEEDS)
def test_movements_up_to_a_month_give_what_the_levels_close_it_with(seed: int) -> None:
    rows = truth(seed).movements
    for closing in truth(seed).closings:
        upto = [row for row in rows if row["on"][:7] <= closing["month"][:7]]
        assert sum(row["amount_micros"] for row in upto) == closing["closing_micros"]
        after = {row["customer_id"]: row["mrr_after_micros"] for row in upto}
        assert sum(micros > 0 for micros in after.values()) == closing["customers"]


@pytest.mark.parametrize("seed", SEEDS)
def test_customers_change_their_state_only_as_they_may(seed: int) -> None:
    state: dict[str, str] = defaultdict(lambda: "never")
    leads = {
        "never": {"new"},
        "lapsed": {"reactivation"},
        "active": {"expansion", "contraction", "none", "fx", "churn"},
    }
    for row in truth(seed).movements:
        assert row["class"] in leads[state[row["customer_id"]]], row
        state[row["customer_id"]] = "lapsed" if row["class"] == "churn" else "active"


def test_rows_are_in_the_order_of_day_customer_and_time() -> None:
    keys = [(row["on"], row["customer_id"], row["class"] == "fx") for row in truth(1).movements]
    assert keys == sorted(set(keys))


def test_the_truth_knows_nothing_of_shapes_and_invoices() -> None:
    told = company(3, 60, era="basil", invoices=False).truth()
    assert told == company(3, 60, era="price", invoices=True).truth()
    assert told != company(4, 60, era="basil", invoices=False).truth()


def test_levels_agree_with_a_plain_reading_of_the_last_bodies() -> None:
    """Where no coupon, tier or pause interferes, the last body of a subscription alone gives its amounts."""
    firm = company(5, 200, era="price", invoices=False)
    last = {e["data"]["object"]["id"]: e["data"]["object"] for e in firm.events() if "subscription." in e["type"]}
    open_levels = {row["item_id"]: row["local_micros"] for row in firm.truth().levels if row["ends_at"] is None}
    discounted = {e["data"]["object"]["customer"] for e in firm.events() if e["type"] == "customer.discount.created"}
    read = 0
    for body in last.values():
        if body["customer"] in discounted or body["pause_collection"] is not None:
            continue
        for item in body["items"]["data"]:
            if item["price"]["unit_amount"] and item["price"]["recurring"]["usage_type"] == "licensed":
                expected = _monthly(item) if body["status"] in ("active", "past_due") else None
                assert open_levels.get(item["id"]) == expected, body
                read += 1
    assert read > 150


def _monthly(item: Body) -> int:
    price = item["price"]
    months = {"month": (1, 1), "year": (12, 1), "week": (12, 52), "day": (12, 365)}[price["recurring"]["interval"]]
    minor = {"jpy": 1, "kwd": 1_000}.get(price["currency"], 100)
    total = price["unit_amount"] * item["quantity"] * 1_000_000 * months[1]
    parts = minor * months[0] * price["recurring"]["interval_count"]
    return int((2 * total + parts) // (2 * parts))


def test_boundaries_are_told_after_midnight_but_hold_before_it() -> None:
    """An end at 23:59:something is told on the next day, and may belong to the month before."""
    firm = company(2, 500, invoices=False)
    ends = {"customer.subscription.deleted": "ended_at", "customer.subscription.updated": "trial_end"}
    found: dict[str, set[str]] = {kind: set() for kind in ends}
    for event in firm.events():
        body = event["data"]["object"]
        moment = body[ends[event["type"]]] if event["type"] in ends else None
        converts = event["data"].get("previous_attributes", {}).get("status", "trialing") == "trialing"
        if moment is not None and converts and moment // 86_400 + 1 == event["created"] // 86_400:
            found[event["type"]].add(body["customer"])
    assert all(found.values()), found
    on = date.fromtimestamp(0).isoformat()
    assert on < truth(2).movements[0]["on"]
