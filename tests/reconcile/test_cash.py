"""MRR against cash: charged twice, without a subscription, not at all; and an honest company, which has none of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from mrr import Book
from mrr.policy import standard
from mrr.simulate import company, write_rates
from tests.providers.stripe.test_payment import charge

from .books import MONTH, START, Body, book_of, causes, created, sub, tell

DAY = 86_400
AT = "2024-01-16"


def bill(name: str, *, on: int = START, **fields: Any) -> Body:
    """The paid invoice of `sub_NAME` for its first month: 20.00."""
    line = {
        "id": f"il_{name}",
        "amount": 2000,
        "currency": "usd",
        "subscription": f"sub_{name}",
        "type": "subscription",
    }
    line |= {"subscription_item": f"si_{name}", "period": {"start": on, "end": on + MONTH}, "quantity": 1}
    own = {"id": f"in_{name}", "object": "invoice", "status": "paid", "currency": "usd", "customer": f"cus_{name}"}
    own |= {"subscription": f"sub_{name}", "total": 2000, "amount_paid": 2000}
    return {**own, "lines": {"object": "list", "data": [line], "has_more": False}, **fields}


def paid(name: str, **fields: Any) -> Body:
    """The charge of 20.00 for that invoice."""
    own = {"id": f"ch_{name}", "customer": f"cus_{name}", "invoice": f"in_{name}", "payment_intent": None}
    return charge(**{**own, "amount": 2000, **fields})


def refund(name: str) -> Body:
    """All of it given back."""
    own = {"id": f"re_{name}", "object": "refund", "amount": 2000, "currency": "usd", "status": "succeeded"}
    return {**own, "charge": f"ch_{name}"}


def dispute(name: str) -> Body:
    """All of it lost."""
    own = {"id": f"dp_{name}", "object": "dispute", "amount": 2000, "currency": "usd", "status": "lost"}
    return {**own, "charge": f"ch_{name}"}


def told(*names: str) -> list[Body]:
    """Subscriptions that were billed and paid."""
    bodies = [body for name in names for body in (bill(name), paid(name))]
    return [*created(*(sub(name) for name in names)), *bodies]


def test_what_is_billed_and_paid_is_right(tmp_path: Path) -> None:
    with book_of(tmp_path, told("a", "b")) as book:
        found = book.reconcile_cash(as_of=AT)
    assert (found.ours_micros, found.rows, found.within) == (40_000_000, [], True)
    assert found.notes == ["2 charges since 2023-12-16 and 2 subscriptions were looked at."]


def test_an_invoice_charged_twice(tmp_path: Path) -> None:
    with book_of(tmp_path, told("a")) as book:
        tell(book, [paid("a", id="ch_again")], seen=START + DAY)
        found = book.reconcile_cash(as_of=AT)
        assert causes(found) == {"cus_a": ("double charge", 20)}
        assert found.rows[0].subject == "ch_again"
        assert "in_a was paid already" in found.rows[0].detail
        # What is given back is no double charge.
        tell(book, [refund("again")], seen=START + 2 * DAY)
        assert book.reconcile_cash(as_of=AT).rows == []


@pytest.mark.parametrize(("minutes", "doubled"), [(10, True), (11, False)])
def test_the_same_amount_within_minutes(tmp_path: Path, minutes: int, doubled: bool) -> None:
    """Without an invoice of its own the second charge is the first made twice; later it is unexplained."""
    with book_of(tmp_path, told("a")) as book:
        tell(book, [paid("a", id="ch_again", invoice=None)], seen=START + 60 * minutes)
        found = book.reconcile_cash(as_of=AT)
    assert causes(found) == {"cus_a": ("double charge" if doubled else "no invoice", 20)}


def test_two_subscriptions_of_one_customer_are_no_double_charge(tmp_path: Path) -> None:
    other = sub("b", customer="cus_a")
    bodies = [*told("a"), *created(other), bill("b", customer="cus_a"), paid("b", customer="cus_a")]
    with book_of(tmp_path, bodies) as book:
        assert book.reconcile_cash(as_of=AT).rows == []


def test_two_invoices_for_the_same_time_are_a_double_charge(tmp_path: Path) -> None:
    again = {**bill("a"), "id": "in_again"}
    again["lines"]["data"][0]["id"] = "il_again"
    with book_of(tmp_path, [*told("a"), again]) as book:
        tell(book, [paid("a", id="ch_again", invoice="in_again")], seen=START + 60)
        assert causes(book.reconcile_cash(as_of=AT)) == {"cus_a": ("double charge", 20)}


def test_charges_without_a_subscription(tmp_path: Path) -> None:
    """Nobody's customer; an invoice that nobody told of; an invoice of a subscription that nobody told of."""
    stray = [
        paid("nobody", invoice=None),
        paid("lost", invoice="in_unheard"),
        bill("unknown"),
        paid("unknown"),
    ]
    with book_of(tmp_path, [*told("a"), *stray]) as book:
        found = book.reconcile_cash(as_of=AT)
    assert causes(found) == {
        "cus_nobody": ("no subscription", 20),
        "cus_lost": ("unknown invoice", 20),
        "cus_unknown": ("unknown subscription", 20),
    }


def test_a_thing_sold_once_needs_no_subscription(tmp_path: Path) -> None:
    line = {"id": "il_set_up", "amount": 2000, "currency": "usd", "type": "invoiceitem", "proration": False}
    line |= {"price": {"id": "price_once", "recurring": None, "product": "prod_1"}}
    once = {**bill("set_up"), "subscription": None, "lines": {"object": "list", "data": [line]}}
    with book_of(tmp_path, [*told("a"), once, paid("set_up")]) as book:
        assert book.reconcile_cash(as_of=AT).rows == []


def test_a_charge_that_names_no_invoice_finds_its_own(tmp_path: Path) -> None:
    """Newer bodies name none on either side: customer, amount and day tell."""
    with book_of(tmp_path, [*created(sub("a")), bill("a"), paid("a", invoice=None)]) as book:
        assert book.reconcile_cash(as_of=AT).rows == []


UNCHARGED = {
    "uninvoiced": [],
    "void": [bill("void", status="void")],
    "draft": [bill("draft", status="draft", amount_paid=0)],
    "unpaid": [bill("unpaid", status="open", amount_paid=0)],
    "failed": [bill("failed", status="open", amount_paid=0), paid("failed", status="failed", failure_code="declined")],
    "paid elsewhere": [bill("paid elsewhere")],
    "refund": [bill("refund"), paid("refund"), refund("refund")],
    "dispute": [bill("dispute"), paid("dispute"), dispute("dispute")],
}


def test_subscriptions_without_a_charge(tmp_path: Path) -> None:
    """Each is named after its cause; one more is right, and one was paid from credit."""
    bodies = [*told("a"), *created(*(sub(name) for name in [*UNCHARGED, "credit"]))]
    bodies += [body for told_of in UNCHARGED.values() for body in told_of]
    with book_of(tmp_path, [*bodies, bill("credit", amount_paid=0)]) as book:
        found = book.reconcile_cash(as_of=AT)
        assert causes(found) == {f"cus_{cause}": (cause, -20) for cause in UNCHARGED}
        assert (str(found.drift_percent), found.within) == ("80.000000", False)
        assert next(row for row in found.rows if row.cause == "failed").detail.endswith("(in_failed: declined)")
        # What is not two days old has time yet; what failed, went back or is void has not.
        early = causes(book.reconcile_cash(as_of="2024-01-02T12:00"))
        assert {cause for cause, _ in early.values()} == UNCHARGED.keys() - {"uninvoiced", "draft", "unpaid"}


def test_a_source_without_payments_is_said_to_be(tmp_path: Path) -> None:
    with book_of(tmp_path, created(sub("a"))) as book:
        found = book.reconcile_cash(as_of=AT)
    assert found.rows == []
    assert found.notes[-1] == "No payment of source stripe is known: its subscriptions were not looked at."


def test_only_charges_since_a_day(tmp_path: Path) -> None:
    with book_of(tmp_path, [*told("a"), paid("nobody", invoice=None)]) as book:
        assert len(book.reconcile_cash(as_of=AT, first="2024-01").rows) == 1
        assert book.reconcile_cash(as_of=AT, first="2024-01-02").rows == []


def test_an_honest_company_has_nothing_to_explain(tmp_path: Path) -> None:
    """All eras of bodies, retries, refunds, credits, trials: every charge and every month finds its other half."""
    firm = company(7, 60, 18)
    write_rates(firm.rates(), tmp_path / "rates.csv")
    with Book.create(tmp_path / "book", policy=standard()) as book:
        book.append(str(tmp_path / "rates.csv"), source="rates")
        book.append_bodies((json.dumps(event).encode() for event in firm.events()), source="stripe")
        found = book.reconcile_cash(as_of="2024-07-01", first="2023")
    assert found.compared > 300
    assert found.rows == []
