"""The stream of a company: the same for the same seed, in order, complete, and never all in memory."""

import hashlib
import subprocess
import sys
import tracemalloc
from datetime import date
from itertools import pairwise

import msgspec
import pytest

from mrr.errors import WrongUse
from mrr.simulate import company
from mrr.simulate.state import Body

CORE = ("product.", "plan.", "price.", "coupon.", "customer.", "subscription_schedule.")
DIGEST = """
import hashlib, msgspec
from mrr.simulate import company
firm = company(9, 25, 12)
digest = hashlib.sha256()
for event in firm.events():
    digest.update(msgspec.json.encode(event))
digest.update(msgspec.json.encode(firm.truth()))
print(digest.hexdigest())
"""


def digest(seed: int) -> str:
    """Of all events of a small company."""
    found = hashlib.sha256()
    for event in company(seed, 25, 12).events():
        found.update(msgspec.json.encode(event))
    return found.hexdigest()


def test_the_same_seed_gives_the_same_bytes_and_another_others() -> None:
    assert digest(9) == digest(9) != digest(10)


def test_neither_hash_order_nor_run_matters() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "src"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1] != b""


def test_events_are_in_time_order_with_ids_of_their_own() -> None:
    events = list(company(6, 80).events())
    assert all(one["created"] <= other["created"] for one, other in pairwise(events))
    assert len({event["id"] for event in events}) == len(events)
    assert all(event["livemode"] and event["data"]["object"].get("livemode", True) for event in events)


def test_without_invoices_it_is_the_same_stream_with_fewer_events() -> None:
    every = [event for event in company(6, 40).events() if event["type"].startswith(CORE)]
    assert list(company(6, 40, invoices=False).events()) == every


def test_prices_are_told_before_they_are_sold() -> None:
    known: set[str] = set()
    for event in company(6, 80, invoices=False).events():
        body = event["data"]["object"]
        if event["type"] in ("price.created", "plan.created"):
            known.add(body["id"])
        elif event["type"].startswith("customer.subscription."):
            assert {item["plan"]["id"] for item in body["items"]["data"]} <= known


def test_discount_ids_are_told_before_they_are_used() -> None:
    known: set[str] = set()
    used: set[str] = set()
    for event in company(6, 200, era="basil", invoices=False).events():
        if event["type"] == "customer.discount.created":
            known.add(event["data"]["object"]["id"])
        elif event["type"].startswith("customer.subscription."):
            used.update(event["data"]["object"]["discounts"])
            assert used <= known
    assert used


def test_invoices_add_up_and_are_paid_by_their_charges() -> None:
    paid: dict[str, int] = {}
    seen = 0
    for event in company(6, 60, era="price").events():
        body = event["data"]["object"]
        if event["type"] == "charge.succeeded":
            paid[body["invoice"]] = body["amount"]
        elif event["type"] == "invoice.paid":
            assert body["amount_due"] == paid.get(body["id"], 0)
            _assert_adds_up(body)
            seen += 1
    assert seen > 300


def _assert_adds_up(invoice: Body) -> None:
    lines = invoice["lines"]["data"]
    off = sum(part["amount"] for part in invoice["total_discount_amounts"])
    assert invoice["subtotal"] == sum(line["amount"] for line in lines)
    assert invoice["total"] == invoice["subtotal"] - off
    assert off == sum(part["amount"] for line in lines for part in line["discount_amounts"])
    assert invoice["amount_due"] == max(0, invoice["total"] + invoice["starting_balance"])


def test_payments_fail_with_a_code_and_are_tried_again() -> None:
    events = list(company(6, 150, era="plan").events())
    failed = [event["data"]["object"] for event in events if event["type"] == "charge.failed"]
    assert all(charge["failure_code"] and charge["outcome"]["reason"] for charge in failed)
    tries = [event["data"]["object"]["attempt_count"] for event in events if event["type"] == "invoice.payment_failed"]
    assert max(tries) > 1
    kinds = {event["type"] for event in events}
    assert {"charge.refunded", "checkout.session.completed", "checkout.session.expired", "invoice.paid"} <= kinds


def test_only_the_present_is_in_memory() -> None:
    """The stream of five years takes hardly more memory than that of one, though it is many times as long."""
    assert _peak(60) < 2 * _peak(12) < 30_000_000


def _peak(months: int) -> int:
    tracemalloc.start()
    for _ in company(6, 60, months).events():
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize(("month", "days"), [(date(2024, 1, 31), 31), (date(2023, 7, 15), 31)])
def test_it_may_start_on_any_day(month: date, days: int) -> None:
    firm = company(1, 30, 5, month)
    first = next(iter(firm.events()))["created"]
    assert date.fromtimestamp(first) == month
    assert firm.truth().closings[0]["month"] == month.replace(day=1).isoformat()


@pytest.mark.parametrize(("customers", "months", "era"), [(0, 12, None), (5, 1, None), (5, 12, "acacia")])
def test_impossible_wishes_are_refused(customers: int, months: int, era: str | None) -> None:
    with pytest.raises(WrongUse):
        company(1, customers, months, era=era)
