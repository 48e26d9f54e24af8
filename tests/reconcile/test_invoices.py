"""MRR against the invoices for the same day: every cause by a small book, and a simulated company."""

from pathlib import Path

from .books import MONTH, START, Body, book_of, causes, created, item, sub, updated, yearly
from .test_cash import bill

DAY = 86_400
AT = "2024-01-16"


def lined(name: str, **fields: object) -> Body:
    """The paid invoice of `sub_NAME`, its one line otherwise."""
    body = bill(name)
    (line,) = body["lines"]["data"]
    return {**body, "lines": {"object": "list", "data": [{**line, **fields}], "has_more": False}}


def test_causes(tmp_path: Path) -> None:
    """20 USD a month each; every customer but the first has one trouble, and is named after it."""
    timing = item(id="si_timing", quantity=3)
    subs = [
        sub("fine"),
        sub("uninvoiced"),
        sub("void"),
        sub("quantity", item(id="si_quantity", quantity=2)),
        sub("timing"),
        sub("paused", pause_collection={"behavior": "void"}),
        sub("discount"),
        sub("rounding"),
        sub("trial", status="trialing", trial_end=START + MONTH),
    ]
    bodies = [
        *created(*subs),
        updated(sub("timing", timing), START + 5 * DAY),
        bill("fine"),
        bill("void", status="void"),
        bill("quantity"),
        bill("timing"),
        bill("paused"),
        lined("discount", discount_amounts=[{"amount": 500}]),
        lined("rounding", amount=2001),
        bill("trial"),
        {**bill("manual"), "subscription": None, "lines": lined("manual", subscription=None)["lines"]},
    ]
    with book_of(tmp_path, bodies) as book:
        found = book.reconcile_invoices(as_of=AT)
    assert causes(found) == {
        "cus_uninvoiced": ("uninvoiced", -20),
        "cus_void": ("void", -20),
        "cus_quantity": ("quantity", -20),
        "cus_timing": ("timing", -40),
        "cus_paused": ("paused", 20),
        "cus_discount": ("discount", -5),
        "cus_rounding": ("rounding", 0),
        "cus_trial": ("trial", 20),
        "cus_manual": ("manual", 20),
    }
    assert found.ours_micros == 200_000_000
    detail = {row.customer_id: row.detail for row in found.rows}
    assert detail["cus_timing"] == "changed on 2024-01-06, invoiced on 2024-01-01 (in_timing)"
    assert detail["cus_quantity"] == "2 subscribed, 1 invoiced (in_quantity)"


def test_a_year_in_one_invoice_is_no_difference(tmp_path: Path) -> None:
    year = {"start": START, "end": START + 366 * DAY}
    plain = {"id": "sub_a", "current_period_end": year["end"]}
    bodies = [*created(sub("a", item(id="si_a", price=yearly()), **plain))]
    bodies += [lined("a", amount=24_000, period=year, price={"id": "price_year", "recurring": {"interval": "year"}})]
    with book_of(tmp_path, bodies) as book:
        found = book.reconcile_invoices(as_of=AT)
    assert (found.ours_micros, found.theirs_micros, found.rows) == (20_000_000, 20_000_000, [])


def test_a_book_by_invoices_is_held_against_its_subscriptions(tmp_path: Path) -> None:
    with book_of(tmp_path, [*created(sub("a"), sub("b")), bill("a")], basis="invoice") as book:
        found = book.reconcile_invoices(as_of=AT)
    assert (found.ours_micros, found.theirs_micros) == (40_000_000, 20_000_000)
    assert causes(found) == {"cus_b": ("uninvoiced", -20)}
