"""A change of policy in a running book: a row of its own, from its month on; before it the old figures stand."""

from pathlib import Path
from typing import Any

import pytest

from mrr.book import Book
from mrr.reports.rollforward import CLASSES, JUMPS, Row
from tests.governance.books import company, official

AS_OF = "2025-07-01"
NEW = "now,status.trialing=include"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A book whose policy counts trials from April 2025 on. Tests only read it."""
    with Book(company(tmp_path_factory.mktemp("changed") / "book")) as found:
        official(found)
        official(found, NEW, from_month="2025-04")
        yield found


def moves(row: Row) -> dict[str, int]:
    """What a row is made of, in whole units."""
    return {kind: amount // 10**6 for kind in (*CLASSES, *JUMPS) if (amount := getattr(row, f"{kind}_micros"))}


def adds_up(rows: list[Row]) -> bool:
    """Whether every row leads from its opening to its closing, and to the next."""
    sums = [row.opening_micros + sum(getattr(row, f"{kind}_micros") for kind in (*CLASSES, *JUMPS)) for row in rows]
    return sums == [row.closing_micros for row in rows]


def test_the_change_is_a_row_of_its_own(book: Book) -> None:
    found = book.rollforward(first="2025-01", last="2025-06", as_of=AS_OF)
    assert [moves(row) for row in found.rows] == [
        *({"new": 20}, {"new": 20}, {}),
        # The trial of February counts from April on; the customer who left in April left.
        *({"churn": -20, "policy": 20}, {}, {}),
    ]
    assert adds_up(found.rows)
    assert (found.rows[3].customers_opening, found.rows[3].customers_closing) == (2, 2)
    assert found.definition.policy_hash == book.policy.hash
    assert found.definition.policies_before == ["standard b6492adf before 2025-04"]


def test_before_it_the_old_policy_answers(book: Book) -> None:
    old = book.rollforward(as_of="2025-04-01")
    assert old.rows[-1].closing_micros == 40_000_000
    assert old.definition.policy_hash == book.governed.versions[1].hash
    assert old.definition.policies_before == []
    assert {one.customer_id: one.mrr_micros for one in book.customers(as_of="2025-04-01")} == {
        "one": 20_000_000,
        "two": 20_000_000,
    }
    assert {one.customer_id for one in book.customers(as_of="2025-04-02", state="active")} == {"one", "two", "trial"}


def test_other_periods_have_the_change_where_it_falls(book: Book) -> None:
    quarters = book.rollforward(interval="quarter", as_of=AS_OF).rows
    assert [moves(row) for row in quarters] == [{"new": 40}, {"churn": -20, "policy": 20}]
    (year,) = book.rollforward(interval="year", as_of=AS_OF).rows
    assert moves(year) == {"new": 40, "churn": -20, "policy": 20}
    weeks = book.rollforward(interval="week", first="2025-03-31", last="2025-04-06", as_of=AS_OF).rows
    assert [moves(row) for row in weeks] == [{"policy": 20}]
    assert adds_up([*quarters, year, *weeks])


def test_a_report_that_begins_with_or_after_the_change(book: Book) -> None:
    rows = book.rollforward(first="2025-04", last="2025-04", as_of=AS_OF).rows
    assert (rows[0].opening_micros, moves(rows[0])) == (40_000_000, {"churn": -20, "policy": 20})
    (later,) = book.rollforward(first="2025-05", last="2025-05", as_of=AS_OF).rows
    assert (later.opening_micros, moves(later), later.closing_micros) == (40_000_000, {}, 40_000_000)
    (before,) = book.rollforward(first="2025-03", last="2025-03", as_of=AS_OF).rows
    assert (moves(before), before.closing_micros) == ({}, 40_000_000)


def test_by_group_it_adds_up_too(book: Book) -> None:
    rows = book.rollforward(first="2025-03", last="2025-05", as_of=AS_OF, by="subscription").rows
    assert adds_up(rows)
    told = {(row.group, f"{row.period_starts_on:%m}"): moves(row) for row in rows if moves(row)}
    assert told == {("two", "04"): {"churn": -20}, ("trial", "04"): {"policy": 20}}
    only = book.rollforward(first="2025-04", last="2025-04", as_of=AS_OF, where=[("subscription", "trial")]).rows
    assert [moves(row) for row in only] == [{"policy": 20}]


def test_metrics_movements_and_explanations_follow(book: Book) -> None:
    ending = book.metric(name="mrr.ending", first="2025-02", last="2025-05", as_of=AS_OF)
    assert [figure.value_micros for figure in ending] == [40_000_000] * 4
    found = book.movements(as_of=AS_OF)
    assert [(one.customer_id, one.class_) for one in found] == [("one", "new"), ("two", "new"), ("two", "churn")]
    assert [book.explain(movement_id=one.movement_id, as_of=AS_OF).movement for one in found] == found.rows


def test_rollback_in_one_step(tmp_path: Path) -> None:
    with Book(company(tmp_path / "book")) as book:
        official(book)
        before = book.rollforward(as_of=AS_OF)
        official(book, NEW, from_month="2025-04")
        assert book.rollforward(as_of=AS_OF).rows != before.rows
        assert book.rollback(author="ann", reason="trials never pay").version == 1
        after = book.rollforward(as_of=AS_OF)
        assert after.rows == before.rows
        assert after.definition.policies_before == []
        assert [version.stage for version in book.policies().versions] == ["official", "retired"]
        assert (book.folder / "policy.toml").read_text("utf-8").count('"status.trialing" = "exclude"') == 1
    with Book(book.folder) as again:
        assert again.rollforward(as_of=AS_OF).rows == before.rows


def test_rollback_leaves_closed_months_as_they_are(tmp_path: Path) -> None:
    with Book(company(tmp_path / "book")) as book:
        official(book)
        book.close_month(month="2025-03", author="dana")
        official(book, NEW, from_month="2025-04")
        book.close_month(month="2025-04", author="dana")
        book.rollback(author="ann", reason="trials never pay")
        found = book.rollforward(first="2025-03", last="2025-05", as_of=AS_OF)
        assert [moves(row) for row in found.rows] == [{}, {"churn": -20, "policy": 20}, {"policy": -20}]
        assert book.rollforward(first="2025-03", last="2025-04").definition.status == "closed"
        assert [one.sealed.policy_version for one in book.closes()] == [1, 2]


def test_each_decision_has_its_price(book: Book) -> None:
    found = book.price(keys=["status.trialing", "gap", "churn_at"], as_of=AS_OF)
    assert {(one.key, one.value): (one.difference_micros, one.movements) for one in found} == {
        ("status.trialing", "exclude"): (-20_000_000, -1),
        ("gap", 5): (0, 0),
        ("churn_at", "request"): (0, 0),
        ("churn_at", "paid_through"): (0, 0),
    }


def test_trying_a_policy_changes_nothing(book: Book) -> None:
    head = book.journal.head()
    found = book.try_policy(policy=book.meant("v1"), as_of=AS_OF)
    assert found.keys == {"status.trialing": ("include", "exclude")}
    assert [(one.customer_id, one.difference_micros) for one in found.customers] == [("trial", -20_000_000)]
    assert (found.months[-1].official_micros, found.months[-1].tried_micros) == (40_000_000, 20_000_000)
    assert found.drift == "-1/2"
    assert book.journal.head() == head
