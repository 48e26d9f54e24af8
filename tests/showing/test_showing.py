"""Who is behind a figure, one customer whole, customers by page, what can be filtered by."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mrr.book import Book
from mrr.errors import WrongUse
from mrr.policy import standard

AS_OF = "2025-06-01"


def paid(customer: str, on: str, plan: str, amount: str, quantity: int, status: str = "active") -> dict[str, Any]:
    """A customer's subscription from a day on."""
    item = {"item": f"i-{customer}", "product": plan, "price": plan, "unit_amount": amount, "interval": "month"}
    named = {"customer": customer, "subscription": f"s-{customer}", "effective_at": on, "status": status}
    return {"fact": "subscription", **named, "currency": "USD", "items": [{**item, "quantity": quantity}]}


def known(customer: str, name: str, segment: str) -> dict[str, Any]:
    """What a customer is called and to which segment it belongs."""
    return {"fact": "customer", "customer": customer, "attributes": {"name": name, "segment": segment}}


FACTS: list[dict[str, Any]] = [
    {"fact": "product", "product": "pro", "name": "Professional"},
    known("a", "Zeta Ltd", "smb"),
    known("b", "Alpha Inc", "large"),
    known("c", "Beta LLC", "smb"),
    paid("a", "2025-01-10", "pro", "10", 5),
    paid("b", "2025-01-20", "pro", "10", 30),
    paid("c", "2025-02-03", "team", "7", 1),
    paid("a", "2025-03-05", "pro", "10", 8),
    paid("b", "2025-03-05", "pro", "10", 20),
    paid("c", "2025-04-02", "pro", "10", 1),
    paid("c", "2025-05-02", "pro", "10", 1, "canceled"),
    {
        "fact": "invoice",
        "invoice": "in_1",
        "customer": "a",
        "subscription": "s-a",
        "status": "paid",
        "effective_at": "2025-01-10",
        "currency": "USD",
        "total": "50",
        "paid": "50",
        "lines": [
            {
                "line": "l",
                "kind": "subscription",
                "amount": "50",
                "recurring": True,
                "period": ["2025-01-10", "2025-02-10"],
            }
        ],
    },
    {
        "fact": "payment",
        "payment": "p1",
        "kind": "attempt",
        "outcome": "succeeded",
        "invoice": "in_1",
        "effective_at": "2025-01-10",
        "amount": "50",
        "currency": "USD",
        "retry": 0,
    },
    {
        "fact": "payment",
        "payment": "r1",
        "kind": "refund",
        "outcome": "succeeded",
        "of_payment": "p1",
        "effective_at": "2025-01-12",
        "amount": "5",
        "currency": "USD",
    },
]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """Three customers: one grows, one shrinks, one changes its plan and leaves."""
    with Book.create(tmp_path_factory.mktemp("shown") / "book", policy=standard()) as made:
        counts = made.append_bodies([json.dumps(fact).encode() for fact in FACTS], source="native")
        assert counts.decoded == len(FACTS)
        yield made


def test_a_cell_tells_who_moved_and_what_changed_the_largest_first(book: Book) -> None:
    found = book.cell(period="2025-03", as_of=AS_OF)
    assert [(row.name, row.class_, row.amount_micros) for row in found.rows] == [
        ("Alpha Inc", "contraction", -100_000_000),
        ("Zeta Ltd", "expansion", 30_000_000),
    ]
    (part,) = found.rows[1].parts
    assert (part.cause, part.quantity_before, part.quantity_after, part.local_micros) == ("quantity", 5, 8, 30_000_000)
    assert (found.matching, found.total_micros) == (2, -70_000_000)
    (only,) = book.cell(period="2025-03", kind="expansion", as_of=AS_OF).rows
    assert only.movement_id == found.rows[1].movement_id
    cut = book.cell(period="2025-01-20", interval="quarter", as_of=AS_OF, limit=1)
    assert (len(cut.rows), cut.matching) == (1, 5)


def test_a_cell_under_a_filter_is_what_the_roll_forward_says(book: Book) -> None:
    for where in ([("segment", "smb")], [("plan", "pro")], [("plan", "team"), ("segment", "smb")]):
        for row in book.rollforward(as_of=AS_OF, where=where).rows:
            for kind in ("new", "expansion", "contraction", "churn", "entering", "leaving"):
                cell = book.cell(period=f"{row.period_starts_on}", kind=kind, as_of=AS_OF, where=where)
                assert cell.total_micros == getattr(row, f"{kind}_micros"), (where, row.period_starts_on, kind)
    (moved,) = book.cell(period="2025-04", kind="entering", as_of=AS_OF, where=[("plan", "pro")]).rows
    assert (moved.customer_id, moved.amount_micros, moved.mrr_after_micros) == ("c", 10_000_000, 10_000_000)
    assert [part.product_before for part in moved.parts] == ["team"]


def test_the_customers_behind_each_cell_are_counted(book: Book) -> None:
    told = {(f"{one.period_starts_on:%Y-%m}", one.class_): one.customers for one in book.moved(as_of=AS_OF)}
    assert told == {
        ("2025-01", "new"): 2,
        ("2025-02", "new"): 1,
        ("2025-03", "expansion"): 1,
        ("2025-03", "contraction"): 1,
        ("2025-04", "expansion"): 1,
        ("2025-05", "churn"): 1,
    }
    halves = book.moved(as_of=AS_OF, interval="quarter", where=[("segment", "smb")])
    assert {(one.period_starts_on.month, one.class_): one.customers for one in halves}[1, "new"] == 2
    assert book.moved(as_of="2024-01-01") == []


def test_the_newest_come_first_and_know_their_names(book: Book) -> None:
    assert [row.name for row in book.latest(as_of=AS_OF, limit=2).rows] == ["Beta LLC", "Beta LLC"]
    assert [row.class_ for row in book.latest(as_of=AS_OF, limit=2).rows] == ["churn", "expansion"]
    assert len(book.latest(as_of=AS_OF, limit=50).rows) == 7


def test_customers_by_order_search_state_and_page(book: Book) -> None:
    def names(**words: Any) -> list[str]:
        return [row.attributes["name"] for row in book.directory(as_of=AS_OF, **words).rows]

    assert names() == ["Alpha Inc", "Zeta Ltd", "Beta LLC"]
    assert names(order="name") == ["Alpha Inc", "Beta LLC", "Zeta Ltd"]
    assert names(order="-since") == ["Beta LLC", "Alpha Inc", "Zeta Ltd"]
    assert names(order="changed") == ["Zeta Ltd", "Alpha Inc", "Beta LLC"]
    assert names(search="zETA") == names(search="a", state="active", limit=1, offset=1) == ["Zeta Ltd"]
    page = book.directory(as_of=AS_OF, limit=1, offset=2)
    assert (page.matching, [row.state for row in page.rows]) == (3, ["lapsed"])
    assert book.directory(as_of=AS_OF, search="%").matching == 0


def test_one_customer_whole(book: Book) -> None:
    found = book.account(customer="a", as_of=AS_OF)
    assert found.customer is not None
    assert found.customer.mrr_micros == 80_000_000
    (subscription,) = found.subscriptions
    (item,) = subscription.items
    assert (subscription.status, item.product_id, item.quantity, item.ended_at) == ("active", "pro", 8, None)
    (invoice,) = found.invoices
    assert (invoice.document_id, invoice.status, invoice.total_micros) == ("in_1", "paid", 50_000_000)
    assert f"{invoice.ends_at:%Y-%m-%d}" == "2025-02-10"
    # The payment names only its invoice, the refund only the payment.
    assert [(one.payment_id, one.kind) for one in found.payments] == [("r1", "refund"), ("p1", "attempt")]
    gone = book.account(customer="native/c", as_of=AS_OF)
    assert f"{gone.subscriptions[0].items[0].ended_at:%Y-%m-%d}" == "2025-05-02"
    with pytest.raises(WrongUse, match="there is no customer 'x'"):
        book.account(customer="x", as_of=AS_OF)


def test_what_can_be_filtered_by(book: Book) -> None:
    assert book.choices(as_of=AS_OF) == {
        "currency": ["USD"],
        "interval": ["month"],
        "plan": ["pro", "team"],
        "segment": ["large", "smb"],
    }


def test_a_closed_month_is_restated_once_something_changes_behind_it(tmp_path: Path) -> None:
    with Book.create(tmp_path / "book", policy=standard()) as book:
        book.append_bodies([json.dumps(paid("a", "2025-01-10", "pro", "10", 5)).encode()], source="native")
        for month in ("2025-01", "2025-02"):
            book.close_month(month=month, author="Mara", reason="a test", force=True)
        assert book.seals() == {"2025-01-01": "closed", "2025-02-01": "closed"}
        book.append_bodies([json.dumps(paid("b", "2025-02-10", "pro", "10", 5)).encode()], source="native")
        assert book.seals() == {"2025-01-01": "closed", "2025-02-01": "restated"}
