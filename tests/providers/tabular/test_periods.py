"""Periods, contracts, changes and opening balances: what rows of a subscription become in the ledger."""

import itertools
from pathlib import Path

import pytest

from mrr.facts import Subscription, canonical

from .tables import at, facts, imported, moved, only, table

LIFE = table("""
    subscription_id | customer_id | plan | start_date | end_date   | mrr
    S               | ann         | pro  | 2024-01-10 | 2024-03-10 | 50
    S               | ann         | max  | 2024-03-10 | 2024-06-10 | 80
    S               | ann         | pro  | 2024-08-01 |            | 50
    T               | bob         | pro  | 2024-02-01 |            | 50
""")


def test_rows_of_one_subscription_are_one_life(tmp_path: Path) -> None:
    book, done = imported(tmp_path, LIFE)
    with book:
        assert (done.counts.entries, done.counts.decoded, done.counts.irrelevant) == (3, 2, 1)
        assert moved(book) == [
            ("2024-01-10", "ann", "new", 50, {"new": 50}),
            ("2024-02-01", "bob", "new", 50, {"new": 50}),
            ("2024-03-10", "ann", "expansion", 30, {"plan": 30}),
            ("2024-06-10", "ann", "churn", -80, {"cancellation": -80}),
            ("2024-08-01", "ann", "reactivation", 50, {"reactivation": 50}),
        ]
        assert book.verify().ok


def test_the_order_of_rows_and_their_repetition_do_not_matter() -> None:
    header, *rows = LIFE.splitlines(keepends=True)
    expected = [canonical(fact) for fact in facts(LIFE)]
    assert len(expected) == 5
    for order in itertools.permutations(rows):
        assert [canonical(fact) for fact in facts(header + "".join(order))] == expected
    assert [canonical(fact) for fact in facts(header + "".join(rows * 2))] == expected


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    book, _ = imported(tmp_path, LIFE)
    with book:
        before = book.verify()
        book.close()
    book, again = imported(tmp_path, LIFE)
    with book:
        after = book.verify()
        assert (again.counts.entries, again.counts.duplicates) == (3, 3)
        assert (after.entries, after.ledger_digest) == (before.entries, before.ledger_digest)


def test_a_later_export_that_knows_more(tmp_path: Path) -> None:
    """A month later the export has an end where there was none, and the row that follows it: nothing contradicts."""
    header, first, second, *_ = LIFE.splitlines(keepends=True)
    for rows in (first.replace("2024-03-10", ""), first, first + second):
        book, done = imported(tmp_path, header + rows)
        with book:
            assert (done.counts.conflicts, done.counts.key_reused, done.counts.quarantined) == (0, 0, 0)
            told = moved(book)
    assert [row[:4] for row in told] == [
        ("2024-01-10", "ann", "new", 50),
        ("2024-03-10", "ann", "expansion", 30),
        ("2024-06-10", "ann", "churn", -80),
    ]


def test_an_end_that_lies_ahead_is_only_scheduled(tmp_path: Path) -> None:
    """A term that is renewed: the first export saw its end ahead, the next one says that it goes on."""
    text = "subscription_id,customer_id,start_date,end_date,mrr\nS,ann,2025-06-01,2026-06-01,50\n"
    book, _ = imported(tmp_path, text)
    with book:
        assert [row[2] for row in moved(book, "2026-05-01")] == ["new"]
        assert [row[2] for row in moved(book, "2027-01-01")] == ["new", "churn"]
    book, done = imported(tmp_path, text + "S,ann,2026-06-01,2027-06-01,60\n")
    with book:
        assert done.counts.conflicts == 0
        assert [row[:4] for row in moved(book, "2027-01-01")] == [
            ("2025-06-01", "ann", "new", 50),
            ("2026-06-01", "ann", "expansion", 10),
        ]


def test_several_items_at_a_time(tmp_path: Path) -> None:
    text = table("""
        contract | customer | item  | starts     | ends       | unit | seats
        C        | ann      | seats | 2024-01-01 | 2024-07-01 | 10   | 5
        C        | ann      | seats | 2024-07-01 |            | 10   | 8
        C        | ann      | extra | 2024-03-01 | 2024-05-01 | 7.50 | 2
    """)
    mapping = """
        table = "periods"
        [columns]
        subscription = "contract"
        customer = "customer"
        item = "item"
        starts_on = "starts"
        ends_on = "ends"
        amount = "unit"
        quantity = "seats"
        [constants]
        currency = "EUR"
    """
    told = [fact for fact in facts(text, mapping) if isinstance(fact, Subscription)]
    assert [(fact.effective_at, [(item.item, item.quantity) for item in fact.items]) for fact in told] == [
        (at("2024-01-01"), [("seats", 5)]),
        (at("2024-03-01"), [("extra", 2), ("seats", 5)]),
        (at("2024-05-01"), [("seats", 5)]),
        (at("2024-07-01"), [("seats", 8)]),
    ]
    assert {fact.currency for fact in told} == {"EUR"}


def test_overlapping_periods_without_a_subscription_stand_side_by_side(tmp_path: Path) -> None:
    text = "customer,start,end,mrr\nann,2024-01-01,2024-07-01,50\nann,2024-03-01,,20\nann,2024-03-01,,30\n"
    book, done = imported(tmp_path, text)
    with book:
        assert "Each row is a subscription of its own: no column names one." in done.read.assumed
        assert [row[:4] for row in moved(book)] == [
            ("2024-01-01", "ann", "new", 50),
            ("2024-03-01", "ann", "expansion", 50),
            ("2024-07-01", "ann", "contraction", -50),
        ]


@pytest.mark.parametrize(
    ("ends", "day"), [("exclusive", "2024-03-10"), ("inclusive", "2024-03-11"), ("month", "2024-04-01")]
)
def test_what_an_end_means(tmp_path: Path, ends: str, day: str) -> None:
    text = "customer,start,end,mrr\nann,2024-01-01,2024-03-10,50\n"
    book, done = imported(tmp_path, text, f'ends = "{ends}"')
    with book:
        assert moved(book)[1][:3] == (day, "ann", "churn")
    assert not any("exclusive" in sentence for sentence in done.read.assumed)


@pytest.mark.parametrize(("per", "months"), [("monthly", 1), ("quarterly", 3), ("annual", 12), ("period", 18)])
def test_what_an_amount_is_for(tmp_path: Path, per: str, months: int) -> None:
    text = f"customer,start,end,amount,billing_frequency\nann,2024-01-31,2025-07-31,1800,{per}\n"
    book, _ = imported(tmp_path, text)
    with book:
        assert moved(book)[0][3] == 1800 // months


def test_days_where_a_period_is_of_no_whole_months(tmp_path: Path) -> None:
    book, _ = imported(tmp_path, "customer,start,end,tcv\nann,2024-01-01,2024-01-11,120\n")
    with book:
        assert moved(book)[0][3] == 120 * 365 // 12 // 10


def test_a_time_zone_moves_the_day(tmp_path: Path) -> None:
    text = "customer,start,end,mrr\nann,2024-01-01,,50\n"
    (told,) = facts(text, 'timezone = "America/New_York"')
    assert told.effective_at == at("2024-01-01T05:00:00")


def test_trials_are_told_by_a_column(tmp_path: Path) -> None:
    text = table("""
        subscription_id | customer | start_date | end_date   | mrr | is_trial
        S               | ann      | 2024-01-01 | 2024-01-15 | 50  | TRUE
        S               | ann      | 2024-01-15 |            | 50  | FALSE
    """)
    book, _ = imported(tmp_path, text)
    with book:
        assert moved(book) == [("2024-01-15", "ann", "new", 50, {"trial_conversion": 50})]


def test_rows_may_be_dropped(tmp_path: Path) -> None:
    text = "customer,start,end,mrr,kind\nann,2024-01-01,,50,paid\nbob,2024-01-01,,70,internal\n"
    book, done = imported(tmp_path, text, 'drop = { kind = ["internal"] }')
    with book:
        assert [row[1] for row in moved(book)] == ["ann"]
    assert (done.read.rows, done.read.dropped, done.counts.decoded) == (2, 1, 1)


# ----- contracts, changes, balances


def test_contracts_ramp_and_renew(tmp_path: Path) -> None:
    text = table("""
        contract_id | customer | contract_start | contract_end | arr   | auto_renew
        C           | ann      | 2023-01-01     | 2024-01-01   | 12000 | false
        C           | ann      | 2024-01-01     | 2025-01-01   | 24000 | true
        D           | bob      | 2023-01-01     | 2024-01-01   | 6000  | false
    """)
    book, done = imported(tmp_path, text)
    with book:
        assert done.read.table == "contracts"
        assert [row[:4] for row in moved(book)] == [
            ("2023-01-01", "ann", "new", 1000),
            ("2023-01-01", "bob", "new", 500),
            ("2024-01-01", "ann", "expansion", 1000),
            ("2024-01-01", "bob", "churn", -500),
        ]


CHANGES = table("""
    customer | changed_on | plan | amount | quantity | ended
    ann      | 2024-01-01 | pro  | 10     | 5        |
    ann      | 2024-02-01 |      |        | 8        |
    ann      | 2024-03-01 | max  | 12     |          |
    ann      | 2024-05-01 |      |        |          | true
    ann      | 2024-06-01 | pro  | 10     | 1        |
    bob      | 2024-01-01 | pro  | 10     | 1        |
    bob      | 2024-04-01 |      |        | 0        |
""")


def test_a_log_of_changes(tmp_path: Path) -> None:
    book, done = imported(tmp_path, CHANGES)
    with book:
        assert done.read.table == "changes"
        assert moved(book) == [
            ("2024-01-01", "ann", "new", 50, {"new": 50}),
            ("2024-01-01", "bob", "new", 10, {"new": 10}),
            ("2024-02-01", "ann", "expansion", 30, {"quantity": 30}),
            ("2024-03-01", "ann", "expansion", 16, {"plan": 16}),
            ("2024-04-01", "bob", "churn", -10, {"cancellation": -10}),
            ("2024-05-01", "ann", "churn", -96, {"cancellation": -96}),
            ("2024-06-01", "ann", "reactivation", 10, {"reactivation": 10}),
        ]


def test_a_log_that_grows(tmp_path: Path) -> None:
    lines = CHANGES.splitlines(keepends=True)
    for length in range(2, len(lines) + 1):
        book, done = imported(tmp_path, "".join(lines[:length]))
        with book:
            assert (done.counts.conflicts, done.counts.key_reused) == (0, 0)
            grown = moved(book)
    (tmp_path / "at once").mkdir()
    book, _ = imported(tmp_path / "at once", CHANGES)
    with book:
        assert moved(book) == grown


def test_opening_balances(tmp_path: Path) -> None:
    text = "customer,date,mrr\nann,2024-01-01,100\nbob,2024-01-01,50.25\n"
    book, _ = imported(tmp_path, text, 'table = "opening"')
    with book:
        (row,) = book.rollforward(as_of="2024-02-01").rows
        assert row.closing_micros == 150_250_000
    assert len(only(facts(text, 'table = "opening"'), Subscription)) == 2
