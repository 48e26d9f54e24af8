"""The restatement drill: a month is closed, then the journal goes on; exactly what changes the month is named."""

from pathlib import Path
from typing import Any

import pytest

from mrr.book import Book
from mrr.policy import standard
from mrr.restate import Restatement
from tests.bad_input.telling import body, priced, told

MONTH = "2025-03"
AS_OF = "2025-04-01"
ENDS = "2025-03-20T00:00:00Z"
BEFORE = (
    told("steady"),
    told("twice"),
    told("corrected", effective_at="2025-02-10T00:00:00Z"),
    told("voided", cancel_at=ENDS),
    told("disputed"),
    told("later"),
)
LATE: dict[str, dict[str, Any]] = {
    "late": told("late", effective_at="2025-02-20T00:00:00Z"),
    "late, of April": told("late", key="late/4", effective_at="2025-04-10T00:00:00Z", status="canceled"),
    "redelivered": told("twice", unknown=None) | {"delivered": 2},
    "voiding": told("voided", key="voided/2", effective_at="2025-03-25T00:00:00Z"),
    "correcting": priced("corrected", quantity=3) | {"key": "corrected/2", "effective_at": "2025-03-05T00:00:00Z"},
    "of April": priced("later", quantity=5) | {"key": "later/2", "effective_at": "2025-04-02T00:00:00Z"},
}


@pytest.fixture
def book(tmp_path: Path) -> Any:
    """March is closed; nothing has come since."""
    with Book.create(tmp_path / "book", policy=standard()) as found:
        found.append_bodies([body(fact) for fact in BEFORE], source="native")
        found.close_month(month=MONTH, author="dana")
        yield found


def delivered(book: Book, *names: str) -> dict[str, int]:
    """The seqs of what comes late, by name; None was stored for what was there already."""
    head = book.journal.head().seq
    seqs = {}
    for name in names:
        book.append_bodies([body(LATE[name])], source="native")
        after = book.journal.head().seq
        seqs[name] = after if after > head else 0
        head = after
    return seqs


def named(found: Restatement) -> set[int]:
    """Every entry that is named."""
    return {seq for one in found.entries for seq in one.entries}


def test_nothing_came_nothing_is_named(book: Book) -> None:
    found = book.restate(month=MONTH)
    assert (found.customers, found.entries, found.difference_micros) == ([], [], 0)
    assert found.figures["closing_micros"] == (100_000_000, 100_000_000)
    assert book.rollforward(first=MONTH, last=MONTH).definition.status == "closed"


def test_exactly_what_changed_the_month_is_named(book: Book) -> None:
    seqs = delivered(book, *LATE)
    found = book.restate(month=MONTH)
    assert named(found) == {seqs["late"], seqs["voiding"], seqs["correcting"]}
    by_customer = {one.customer_id: one for one in found.customers}
    assert {name: one.entries for name, one in by_customer.items()} == {
        "late": [seqs["late"]],
        "voided": [seqs["voiding"]],
        "corrected": [seqs["correcting"]],
    }
    assert by_customer["voided"].differences == {"churn_micros": 20_000_000, "closing_micros": 20_000_000}
    assert by_customer["late"].differences == {"opening_micros": 20_000_000, "closing_micros": 20_000_000}
    assert by_customer["corrected"].differences == {"expansion_micros": 10_000_000, "closing_micros": 10_000_000}
    assert all(one.remainder == {} for one in found.customers)
    assert found.difference_micros == 50_000_000 == sum(one.amount_micros for one in found.entries)


def test_a_conflict_is_named_where_it_changes_the_month(book: Book) -> None:
    """Of two facts of one instant the lowest digest stands; of many, one is lower than what stood."""
    for quantity in range(3, 15):
        fact = priced("disputed", quantity=quantity) | {"key": f"disputed/{quantity}"}
        before = book.rollforward(first=MONTH, last=MONTH).rows[0].closing_micros
        book.append_bodies([body(fact)], source="native")
        seq = book.journal.head().seq
        after = book.rollforward(first=MONTH, last=MONTH).rows[0].closing_micros
        found = book.restate(month=MONTH)
        assert {one.customer_id for one in found.customers} == ({"disputed"} if after != 100_000_000 else set())
        if before != after:
            assert seq in named(found)
            assert found.difference_micros == after - 100_000_000
            return
    pytest.fail("no fact had a lower digest")


def test_as_closed_and_as_now(book: Book) -> None:
    delivered(book, "late", "voiding", "correcting", "of April")
    closed = book.rollforward(first="2025-02", last="2025-04", as_of="2025-05-01", as_closed=True)
    now = book.rollforward(first="2025-02", last="2025-04", as_of="2025-05-01")
    assert closed.rows[1].closing_micros == 100_000_000
    assert now.rows[1].closing_micros == 150_000_000
    assert (closed.rows[2].opening_micros, closed.rows[2].restated_micros) == (100_000_000, 50_000_000)
    assert closed.rows[2].closing_micros == now.rows[2].closing_micros
    assert now.definition.status == "provisional"
    assert book.rollforward(first=MONTH, last=MONTH).definition.status == "restated"
    assert book.rollforward(first=MONTH, last=MONTH, as_closed=True).definition.status == "closed"
    with book.on(f"close:{MONTH}"):
        assert book.rollforward(as_of=AS_OF).rows[-1].closing_micros == 100_000_000


def test_a_later_close_seals_what_came_late(book: Book) -> None:
    delivered(book, "late")
    book.close_month(month="2025-04", author="dana")
    assert book.restate(month="2025-04").entries == []
    assert len(book.restate(month=MONTH).entries) == 1
    rows = book.rollforward(first=MONTH, last="2025-04", as_closed=True).rows
    assert [row.restated_micros for row in rows] == [0, 20_000_000]
    assert book.customers(as_of="2025-05-01").definition.status == "closed"
    assert book.customers(as_of="2025-05-02").definition.status == "provisional"
