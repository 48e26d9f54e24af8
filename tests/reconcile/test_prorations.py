"""Prorations on invoices recomputed: every recorded line exactly, a simulated company too, and what differs listed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mrr import Book
from mrr.errors import WrongUse
from mrr.policy import standard
from mrr.simulate import company, write_rates
from tests.golden.recorded import Offered, deliver, new_book, offered, runs

from .books import MONTH, START, Body, book_of, created, item, price, sub

USD = 1_000_000
DAY = 86_400


def invoices(body: Any) -> Iterator[Body]:
    """The invoices that are expanded in a response, however deep."""
    if isinstance(body, dict):
        if body.get("object") == "invoice":
            yield body
        for value in body.values():
            yield from invoices(value)
    elif isinstance(body, list):
        for value in body:
            yield from invoices(value)


def test_every_recorded_line_is_recomputed_exactly(tmp_path: Path) -> None:
    """38 lines of 38 swaps in nine API versions, each from the subscription's own price and period."""
    with new_book(tmp_path / "book") as book:
        for run in runs():
            deliver(book, offered(run["steps"], {}))
            for step, seen in zip(
                run["steps"], [next(iter(offered([step], {})), None) for step in run["steps"]], strict=True
            ):
                for invoice in invoices(step["body"]):
                    if seen is not None:
                        deliver(book, [Offered(json.dumps(invoice).encode(), seen.observed_at)])
        found = book.reconcile_prorations()
    assert (found.compared, found.rows, found.within) == (38, [], True)


def test_a_simulated_company_prorates_to_the_cent(tmp_path: Path) -> None:
    firm = company(5, 40, 12)
    write_rates(firm.rates(), tmp_path / "rates.csv")
    with Book.create(tmp_path / "book", policy=standard()) as book:
        book.append(str(tmp_path / "rates.csv"), source="rates")
        book.append_bodies((json.dumps(event).encode() for event in firm.events()), source="stripe")
        found = book.reconcile_prorations(as_of="2024-01-01")
        assert found.compared > 20
        assert found.rows == []
        # By the day hardly any of them comes to the same.
        assert len(book.reconcile_prorations(rule="day", as_of="2024-01-01").rows) > found.compared // 2


def line(amount: int, *, on: int, **fields: Any) -> Body:
    """A proration line of `sub_a`, from a day of its first period to its end."""
    about = {"subscription": "sub_a", "subscription_item": "si_a", "invoice_item": "ii_1", "type": "invoiceitem"}
    period = {"period": {"start": START + on * DAY, "end": START + MONTH}}
    whole = {"id": f"il_{on}_{amount}", "object": "line_item", "amount": amount, "currency": "usd", "proration": True}
    return {**whole, **about, **period, "price": price(), "quantity": 1, **fields}


def invoice(*lines: Body, **fields: Any) -> Body:
    """A finalised invoice with those lines."""
    own = {
        "id": "in_1",
        "object": "invoice",
        "status": "paid",
        "currency": "usd",
        "customer": "cus_a",
        "subscription": "sub_a",
    }
    total = sum(each["amount"] for each in lines)
    return {**own, "total": total, "amount_paid": total, "lines": {"object": "list", "data": list(lines)}, **fields}


def test_lines_that_differ_are_listed_with_both_figures(tmp_path: Path) -> None:
    """21 of 31 days of 20.00 are 13.55: one line says so, one is ten cents too much, one a credit of the wrong size."""
    lines = (line(1355, on=10), line(1365, on=10), line(-1345, on=10))
    with book_of(tmp_path, [*created(sub("a")), invoice(*lines)]) as book:
        found = book.reconcile_prorations(threshold="1")
    assert [(row.subject, row.ours_micros, row.theirs_micros) for row in found.rows] == [
        ("il_10_-1345", -13_550_000, -13_450_000),
        ("il_10_1365", 13_550_000, 13_650_000),
    ]
    assert found.rows[1].detail == "13.55 USD recomputed, 13.65 USD billed; in_1, entry 2"
    # 20 cents of 13.55.
    assert (str(found.drift_percent), found.within) == ("1.476015", False)


def test_quantity_and_discounts_count(tmp_path: Path) -> None:
    """A credit gives back what was paid: 20.00 less half, 21 of 31 days of it; a charge is by the price alone."""
    first = {**line(2000, on=0), "id": "il_first", "proration": False, "type": "subscription", "invoice_item": None}
    first = {**first, "discount_amounts": [{"amount": 1000}]}
    lines = (line(-677, on=10), line(4065, on=10, quantity=3))
    with book_of(tmp_path, [*created(sub("a")), invoice(first, id="in_0"), invoice(*lines)]) as book:
        found = book.reconcile_prorations()
    assert (found.compared, found.rows) == (2, [])


def test_tiers_are_billed_as_a_whole(tmp_path: Path) -> None:
    """The first ten at 2.00, more at 1.00: 12 cost 22.00 a month, 21 of 31 days of it 14.90."""
    tiers = [{"up_to": 10, "unit_amount": 200}, {"up_to": None, "unit_amount": 100}]
    tiered = price(id="price_t", unit_amount=None, unit_amount_decimal=None, tiers=tiers, tiers_mode="graduated")
    told = [
        *created(sub("a", item(id="si_a", price=tiered, quantity=12))),
        invoice(line(1490, on=10, price=tiered, quantity=12)),
    ]
    with book_of(tmp_path, told) as book:
        assert book.reconcile_prorations().rows == []


def test_what_cannot_be_recomputed_is_listed_and_counts_for_nothing(tmp_path: Path) -> None:
    bare = line(1355, on=10, price="price_gone", subscription="sub_gone")
    with book_of(tmp_path, [*created(sub("a")), invoice(bare, subscription="sub_gone")]) as book:
        found = book.reconcile_prorations()
    assert [(row.cause, row.difference_micros) for row in found.rows] == [("no price", 0)]
    assert found.within


def test_void_invoices_and_drafts_are_left_out(tmp_path: Path) -> None:
    with book_of(tmp_path, [*created(sub("a")), invoice(line(1, on=10), status="void")]) as book:
        assert book.reconcile_prorations().compared == 0


def test_the_rule_is_a_parameter(tmp_path: Path) -> None:
    """At noon of the eleventh day: by the second 20.5 of 31 days are left, by the day 21."""
    noon = {"period": {"start": START + 10 * DAY + DAY // 2, "end": START + MONTH}}
    told = [*created(sub("a")), invoice({**line(1355, on=10), **noon})]
    with book_of(tmp_path, told) as book:
        assert [row.ours_micros for row in book.reconcile_prorations().rows] == [13_230_000]
        assert book.reconcile_prorations(rule="day").rows == []
        with pytest.raises(WrongUse, match="no rule of proration"):
            book.reconcile_prorations(rule="minute")


def test_since_a_day_and_of_one_source(tmp_path: Path) -> None:
    with book_of(tmp_path, [*created(sub("a")), invoice(line(1, on=10))]) as book:
        assert book.reconcile_prorations(first="2024-01").compared == 1
        assert book.reconcile_prorations(first="2024-02").compared == 0
        assert book.reconcile_prorations(source="stripe:eu").compared == 0
