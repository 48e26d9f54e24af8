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
    firm = company(5, 30, 10)
    write_rates(firm.rates(), tmp_path / "rates.csv")
    with Book.create(tmp_path / "book", policy=standard()) as book:
        book.append(str(tmp_path / "rates.csv"), source="rates")
        book.append_bodies((json.dumps(event).encode() for event in firm.events()), source="stripe")
        found = book.reconcile_prorations(as_of="2023-11-01")
        assert found.compared > 20
        assert found.rows == []
        # By the day hardly any of them comes to the same.
        assert len(book.reconcile_prorations(rule="day", as_of="2023-11-01").rows) > found.compared // 2


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
    """21 of 31 days of 20.00 are 13.55: one line says so, one is ten cents too much, one a credit of the wrong size.

    In a void invoice and in a draft nothing is looked at; of what no price is known nothing is claimed.
    """
    lines = (line(1355, on=10), line(1365, on=10), line(-1345, on=10))
    bare = line(1234, on=10, price="price_gone", subscription="sub_gone")
    others = [invoice(line(1, on=10), id=f"in_{status}", status=status) for status in ("void", "draft")]
    others += [invoice(bare, id="in_bare", subscription="sub_gone")]
    with book_of(tmp_path, [*created(sub("a")), invoice(*lines), *others]) as book:
        found = book.reconcile_prorations(threshold="0.5")
        assert [(row.subject, row.cause, row.ours_micros, row.theirs_micros) for row in found.rows] == [
            ("il_10_-1345", "amount", -13_550_000, -13_450_000),
            ("il_10_1365", "amount", 13_550_000, 13_650_000),
            ("il_10_1234", "no price", 12_340_000, 12_340_000),
        ]
        assert found.rows[1].detail == "13.55 USD recomputed, 13.65 USD billed; in_1, entry 2"
        # 20 cents of 13.55 and 12.34.
        assert (str(found.drift_percent), found.within, found.compared) == ("0.772499", False, 4)
        assert book.reconcile_prorations(first="2024-02").compared == 0
        assert book.reconcile_prorations(source="stripe:eu").compared == 0
        with pytest.raises(WrongUse, match="no rule of proration"):
            book.reconcile_prorations(rule="minute")


def test_quantity_discounts_tiers_and_the_rule_count(tmp_path: Path) -> None:
    """A credit gives back what was paid: 20.00 less half, 21 of 31 days of it; a charge is by the price alone.

    The first ten at 2.00, more at 1.00: 12 cost 22.00 a month, 21 of 31 days of it 14.90. At noon of the eleventh day
    20.5 of 31 days are left by the second, and 21 by the day.
    """
    first = {**line(2000, on=0), "id": "il_first", "proration": False, "type": "subscription", "invoice_item": None}
    first = {**first, "discount_amounts": [{"amount": 1000}]}
    tiers = [{"up_to": 10, "unit_amount": 200}, {"up_to": None, "unit_amount": 100}]
    tiered = price(id="price_t", unit_amount=None, unit_amount_decimal=None, tiers=tiers, tiers_mode="graduated")
    subs = created(sub("a"), sub("t", item(id="si_t", price=tiered, quantity=12)))
    lines = (line(-677, on=10), line(4065, on=10, quantity=3))
    many = line(1490, on=10, price=tiered, quantity=12, subscription="sub_t", subscription_item="si_t")
    noon = {**line(1323, on=10), "period": {"start": START + 10 * DAY + DAY // 2, "end": START + MONTH}}
    with book_of(tmp_path, [*subs, invoice(first, id="in_0"), invoice(*lines, many, noon)]) as book:
        found = book.reconcile_prorations()
        assert (found.compared, found.rows) == (4, [])
        assert [(row.subject, row.ours_micros) for row in book.reconcile_prorations(rule="day").rows] == [
            ("il_10_1323", 13_550_000)
        ]
