"""The three reports: they add up to the roll-forward, month by month and customer by customer."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from mrr import Book
from mrr.answers import Customers, Measured, Movements, Rollforward
from mrr.export import RATES, changes, subscribers_by_month, summary
from mrr.period import period_start
from mrr.policy import standard
from tests.export.company import AS_OF, CUT
from tests.export.test_tables import major


@pytest.fixture(params=[AS_OF, CUT])
def told(book: Book, request: pytest.FixtureRequest) -> tuple[Rollforward, Movements, Customers]:
    """What the reports are made of, also for a month that is not over."""
    moment = request.param
    return book.rollforward(as_of=moment), book.movements(as_of=moment), book.customers(as_of=moment)


Told = tuple[Rollforward, Movements, Customers]


def test_subscribers_by_month_add_up_to_the_closing(told: Told) -> None:
    history, _, known = told
    table = subscribers_by_month(*told).arrow()
    months = [f"{row.period_starts_on:%Y-%m}" for row in history.rows]
    assert table.column_names == ["customer_id", "name", "source", "currency", *months]
    for row, month in zip(history.rows, months, strict=True):
        amounts = table[month].to_pylist()
        assert sum(amounts, Decimal(0)) == major(row.closing_micros)
        assert sum(amount > 0 for amount in amounts) == row.customers_closing
    last = {one.customer_id: major(one.mrr_micros) for one in known if one.mrr_micros}
    held = zip(table["customer_id"].to_pylist(), table[months[-1]].to_pylist(), strict=True)
    assert {who: amount for who, amount in held if amount} == last


def test_subscribers_of_some_months(book: Book, told: Told) -> None:
    """What came before the first month shown is in it; who had nothing in these months is left out."""
    whole = subscribers_by_month(*told).arrow()
    some = book.rollforward(as_of=AS_OF, first="2023-09", last="2023-10")
    table = subscribers_by_month(some, *told[1:]).arrow()
    assert table.column_names[4:] == ["2023-09", "2023-10"]
    full = {row["customer_id"]: (row["2023-09"], row["2023-10"]) for row in whole.to_pylist()}
    kept = {row["customer_id"]: (row["2023-09"], row["2023-10"]) for row in table.to_pylist()}
    assert kept == {who: amounts for who, amounts in full.items() if any(amounts)}
    assert 0 < len(kept) < len(full)


def test_the_largest_subscriber_comes_first_and_has_its_name(told: Told) -> None:
    rows = subscribers_by_month(*told).arrow().to_pylist()
    amounts = [list(row.values())[-1] for row in rows]
    assert amounts == sorted(amounts, reverse=True)
    named = {one.customer_id: one.attributes.get("name") for one in told[2]}
    assert {row["customer_id"]: row["name"] for row in rows}.items() <= named.items()


def test_micros_in_every_month(told: Told) -> None:
    table = subscribers_by_month(*told).arrow(micros=True)
    assert sum(table["2023-12_micros"].to_pylist()) == told[0].rows[-1].closing_micros


def rates(book: Book, history: Rollforward) -> dict[str, Measured]:
    """The metrics of the summary, of the same instant."""
    return {name: book.metric(name=name, as_of=f"{history.definition.as_of.isoformat()}Z") for name in RATES}


def test_the_summary_has_the_rates_of_the_metrics(book: Book, told: Told) -> None:
    measured = rates(book, told[0])
    table = summary(*told[:2], measured).arrow().to_pylist()
    for name, column in (("trial_to_paid", "trial_to_paid_ratio"), ("churn.logo", "churn_ratio")):
        assert [row[column] for row in table] == [figure.ratio and Decimal(figure.ratio) for figure in measured[name]]
    for name, column in (("arpa", "arpa"), ("ltv.simple", "ltv")):
        micros = [figure.value_micros for figure in measured[name]]
        assert [row[column] for row in table] == [None if one is None else major(one) for one in micros]
        assert any(micros), name
    assert sum(row["trials_ended"] for row in table) >= sum(row["trials_paid"] for row in table) > 0


def test_the_summary_adds_up(book: Book, told: Told) -> None:
    history, moves, _ = told
    rows = summary(history, moves, rates(book, history)).rows
    assert len(rows) == 12
    for row in rows:
        mrr = row.mrr_new_micros + row.mrr_reactivation_micros + row.mrr_expansion_micros
        mrr += row.mrr_contraction_micros + row.mrr_churn_micros + row.mrr_fx_micros
        assert row.mrr_opening_micros + mrr == row.mrr_closing_micros
        came = row.subscribers_new + row.subscribers_reactivated + row.subscribers_other
        assert row.subscribers_opening + came + row.subscribers_churned == row.subscribers_closing
        assert row.subscribers_churned <= 0 <= row.subscribers_new
        assert row.subscribers_other == 0, "under the standard policy every coming and going has a class of its own"
    assert sum(row.subscribers_new for row in rows) == len({m.customer_id for m in moves if m.class_ == "new"}) > 30
    assert sum(row.subscribers_churned for row in rows) < 0


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("any_gap", (1, 0, 0)),
        ("as_expansion", (0, 0, 1)),
        ("net_churn", (0, 1, 0)),
    ],
)
def test_a_return_is_counted_by_its_class(tmp_path: Path, rule: str, expected: tuple[int, int, int]) -> None:
    """One subscriber leaves in February and is back in March: reactivated, other, or a churn taken back."""
    policy = standard().differing({"reactivation": rule})
    snapshot = """{"fact": "subscription", "customer": "c", "subscription": "%s", "effective_at": "%s",
        "status": "%s", "currency": "USD", "items": [{"item": "i", "product": "p", "price": "m",
        "unit_amount": "10", "interval": "month"}]}"""
    told = [("s", "2025-01-10", "active"), ("s", "2025-02-10", "canceled"), ("t", "2025-03-10", "active")]
    with Book.create(tmp_path / "book", policy=policy) as book:
        book.append_bodies([(snapshot % each).encode() for each in told], source="native")
        history, moves = book.rollforward(as_of="2025-04-01"), book.movements(as_of="2025-04-01")
        january, february, march = summary(history, moves, rates(book, history)).rows
    assert (january.subscribers_new, january.subscribers_closing) == (1, 1)
    assert (february.subscribers_churned, february.subscribers_closing) == (-1, 0)
    assert (march.subscribers_reactivated, march.subscribers_churned, march.subscribers_other) == expected
    assert march.subscribers_closing == 1


def test_changes_lead_from_one_mrr_to_the_next(told: Told) -> None:
    history, moves, known = told
    rows = changes(moves, known).rows
    assert len(rows) == sum(move.class_ != "none" for move in moves)
    held: dict[str, int] = defaultdict(int)
    for row in rows:
        assert row.mrr_before_micros == held[row.customer_id], row
        assert row.mrr_before_micros + row.mrr_change_micros == row.mrr_after_micros
        held[row.customer_id] = row.mrr_after_micros
    assert sum(held.values()) == history.rows[-1].closing_micros
    assert {row.change for row in rows} >= {"new", "expansion", "contraction", "churn", "fx"}


def test_changes_say_why_and_where(told: Told) -> None:
    _, moves, known = told
    by_id = {move.movement_id: move for move in moves}
    for row in changes(moves, known).rows:
        lines = by_id[row.movement_id].lines
        assert set(row.causes.split(", ")) == {cause for line in lines for cause in line.causes}
        assert set(row.subscription_ids.split(", ")) == {line.subscription_id for line in lines}
        assert period_start(row.on, "month") >= date(2023, 1, 1)
