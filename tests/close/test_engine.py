"""A month closed by another engine, really run: what it read otherwise is the engine's, customer by customer."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import mrr
from mrr.book import Book
from mrr.derivation.engine import engine
from tests.bad_input.telling import body, created, priced, told
from tests.bridge.crossed import check

MONTH, NEXT = "2025-03", "2025-04"
FACTS = (told("monthly"), priced("yearly", unit_amount="120.00", interval="year", quantity=1), told("dropped"))
LATE = told("late", effective_at="2025-03-20T00:00:00Z")
# An engine that took a year for half as many months.
RIGHT, WRONG = "WHEN 'year' THEN 12 * units", "WHEN 'year' THEN 6 * units"
CLOSES = """import sys, pathlib, mrr.book
with mrr.book.Book(pathlib.Path(sys.argv[1])) as book:
    for month in sys.argv[2:]:
        book.close_month(month=month, author="dana")"""
WORTH = {"opening_micros": -10_000_000, "closing_micros": -10_000_000}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """March and April are closed by the other engine; then a subscription of March comes, and an edit of one."""
    folder = tmp_path_factory.mktemp("engines")
    package = Path(shutil.copytree(Path(mrr.__file__).parent, folder / "other" / "mrr"))
    model = package / "sql" / "models" / "item_version.sql"
    assert RIGHT in model.read_text()
    model.write_text(model.read_text().replace(RIGHT, WRONG))
    made = created(folder / "book", [body(fact) for fact in FACTS])
    command = [sys.executable, "-c", CLOSES, str(made), MONTH, NEXT]
    subprocess.run(command, env=os.environ | {"PYTHONPATH": str(package.parent)}, check=True)
    with Book(made) as found:
        found.append_bodies([body(LATE)], source="native")
        found.exclude(customer="native/dropped", author="dana", reason="ours")
        yield found


def test_a_restatement_puts_it_down_to_the_engine(book: Book) -> None:
    found = book.restate(month=MONTH)
    assert found.engine_sealed != found.engine_now == engine()
    (seal, _) = book.closes()
    late, edit = book.journal.head().seq - 1, book.journal.head().seq
    assert {one.customer_id: (one.entries, one.engine) for one in found.customers} == {
        "yearly": ([], WORTH),
        "late": ([late], {}),
        "dropped": ([edit], {}),
    }
    assert all(one.remainder == {} for one in found.customers)
    assert {(one.step, *one.entries): (one.amount_micros, one.customers) for one in found.entries} == {
        ("engine", seal.seq): (-10_000_000, 1),
        (f"journal: entry {late}", late): (20_000_000, 1),
        (f"edits: entry {edit}", edit): (-20_000_000, 1),
    }
    assert found.difference_micros == -10_000_000


def test_a_bridge_begins_with_what_was_sealed(book: Book) -> None:
    found = book.bridge(left=f"close:{MONTH}", right="now", as_of="2025-07-01")
    check(found)
    first, edits, journal = found.causes
    (seal, _) = book.closes()
    assert (first.name, edits.name, journal.name) == ("engine", "edits", "journal")
    assert first.keys == {"engine": f"{found.left.engine} → {engine()}"}
    assert (first.amount_micros, first.first_in, first.last_in) == (-10_000_000, *[{"opening": -10_000_000}] * 2)
    assert not any(cause.interacts for cause in found.causes)
    (row,) = [row for row in found.rows if row.step == "engine"]
    assert (row.customer_id, row.class_, row.month, row.entries) == ("yearly", "opening", date(2025, 3, 1), [seal.seq])
    assert (row.before_micros, row.after_micros) == (20_000_000, 10_000_000)
    assert found.left.closing_micros == seal.sealed.rollforward["closing_micros"]
    # What was before the closed month is not told apart by its seal.
    assert found.months[0].month == date(2025, 3, 1)
    assert {one.subscription_id: one.right_micros - one.left_micros for one in found.subscriptions} == {
        "": -10_000_000,
        "late": 20_000_000,
        "dropped": -20_000_000,
    }


def test_the_way_back_ends_with_it(book: Book) -> None:
    there = book.bridge(left=f"close:{MONTH}", right="now", as_of="2025-07-01")
    back = book.bridge(left="now", right=f"close:{MONTH}", as_of="2025-07-01")
    check(back)
    assert [cause.name for cause in back.causes] == ["journal", "edits", "engine"]
    assert [-row.amount_micros for row in reversed(back.rows)] == [row.amount_micros for row in there.rows]
    assert back.causes[-1].keys == {"engine": f"{engine()} → {there.left.engine}"}


def test_two_closed_months_have_an_engine_each(book: Book) -> None:
    """Between them the engine of today is a station, so what both read alike shows on both sides and adds up to 0."""
    found = book.bridge(left=f"close:{MONTH}", right=f"close:{NEXT}", as_of="2025-07-01")
    check(found)
    assert [(cause.name, cause.amount_micros) for cause in found.causes] == [
        ("engine", -10_000_000),
        ("engine", 10_000_000),
    ]
    assert found.difference_micros == 0
    seals = [one.seq for one in book.closes()]
    assert [row.entries for row in found.rows] == [[seq] for seq in seals]


@pytest.mark.parametrize("days", [{"last": "2025-02"}, {"as_of": "2025-03-15"}])
def test_a_seal_says_nothing_of_what_was_before_it(book: Book, days: dict[str, str]) -> None:
    found = book.bridge(left=f"close:{MONTH}", right="now", **days)
    check(found)
    assert [cause.name for cause in found.causes] == ["edits", "journal"]


def test_one_customer_of_it(book: Book) -> None:
    alone = book.bridge(left=f"close:{MONTH}", right="now", as_of="2025-07-01", customer="yearly")
    check(alone)
    assert [(row.step, row.amount_micros) for row in alone.rows] == [("engine", -10_000_000)]
