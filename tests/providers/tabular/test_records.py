"""Tables of everything that is no subscription: each kind of row as its fact, and in its table of facts."""

from decimal import Decimal
from pathlib import Path

import pytest

from mrr.errors import ImportFileError
from mrr.facts import Cost, Customer, Invoice, Payment, Rate, Usage

from .tables import at, bodies, facts, imported, moved, table


def test_customers_with_attributes_that_change(tmp_path: Path) -> None:
    text = table("""
        customer | since      | Segment | Country | notes
        ann      |            | small   | US      | x
        ann      | 2024-05-01 | large   |         | y
        bob      |            | NULL    | DE      |
    """)
    mapping = """
        table = "customers"
        attributes = ["Segment", "Country"]
        [columns]
        customer = "customer"
        on = "since"
    """
    told = facts(text, mapping)
    assert told == [
        Customer(effective_at=None, observed_at=at("2026-01-01"), customer="ann",
                 attributes={"segment": "small", "country": "US"}),
        Customer(effective_at=at("2024-05-01"), observed_at=at("2026-01-01"), customer="ann",
                 attributes={"segment": "large"}),
        Customer(effective_at=None, observed_at=at("2026-01-01"), customer="bob", attributes={"country": "DE"}),
    ]  # fmt: skip
    book, _ = imported(tmp_path, "customer,start,end,mrr\nann,2024-01-01,,50\nbob,2024-01-01,,20\n")
    with book:
        (tmp_path / "c.csv").write_text(text)
        (tmp_path / "c.toml").write_text(mapping)
        book.append_table(str(tmp_path / "c.csv"), mapping=str(tmp_path / "c.toml"))
        rows = book.rollforward(as_of="2024-06-01", first="2024-05", by="segment").rows
        assert {row.group: row.closing_micros for row in rows} == {"large": 50_000_000, "small": 0, None: 20_000_000}


def test_customers_of_another_source(tmp_path: Path) -> None:
    text = "customer,country\ncus_1,US\n"
    (told,) = facts(text, 'customers_of = "stripe"')
    assert isinstance(told, Customer)
    assert (told.customer, told.attributes) == ("stripe/cus_1", {"country": "US"})
    assert moved(imported(tmp_path, text)[0]) == []


def test_rates() -> None:
    told = facts("date,currency,rate\n2024-01-31,EUR,1.0837\n2024-01-31,JPY,0.0068\n")
    assert told == [
        Rate(effective_at=None, observed_at=at("2026-01-01"), day="2024-01-31", currency=currency, base="USD",
             numerator=above, denominator=below)
        for currency, above, below in (("EUR", 10837, 10000), ("JPY", 17, 2500))
    ]  # fmt: skip


def test_rates_value_a_table(tmp_path: Path) -> None:
    book, _ = imported(tmp_path, "date,currency,rate\n2023-12-31,EUR,1.25\n", name="rates.csv")
    with book:
        (tmp_path / "s.csv").write_text("customer,start,end,mrr,currency\nann,2024-01-05,,100,EUR\n")
        book.append_table(str(tmp_path / "s.csv"))
        assert moved(book, "2024-01-20")[0][:4] == ("2024-01-05", "ann", "new", 125)


def test_invoice_lines_are_put_together() -> None:
    text = table("""
        invoice | line | customer | date       | amount | tax | discount | status | start_date | end_date   | sub_id
        I1      | 2    | ann      | 2024-01-01 | -5.50  |     |          | paid   | 2024-01-01 | 2024-02-01 | S
        I1      | 1    | ann      | 2024-01-01 | 100    | 19  | 10       | paid   | 2024-01-01 | 2024-02-01 | S
        I2      | 1    | bob      | 2024-01-02 | 30     |     |          | sent   |            |            |
    """)
    one, two = facts(text)
    assert isinstance(one, Invoice)
    assert isinstance(two, Invoice)
    assert (one.document, one.customer, one.status) == ("I1", "ann", "paid")
    assert (one.total, one.paid) == (Decimal("103.5"), Decimal("103.5"))
    assert {line.line: (line.amount, line.kind) for line in one.lines} == {
        "1": (Decimal(100), "subscription"),
        "2": (Decimal("-5.5"), "subscription"),
    }
    assert one.lines[0].starts_at == at("2024-01-01")
    assert (two.status, two.total, two.paid, two.lines[0].kind) == ("open", Decimal(30), Decimal(0), "item")


def test_payments() -> None:
    text = table("""
        payment_id | customer | date       | amount  | status   | failure_code | type
        P1         | ann      | 2024-01-01 | $100.00 | declined | no_funds     | payment
        P2         | ann      | 2024-01-03 | $100.00 | paid     |              | payment
        P3         | ann      | 2024-02-01 | -100    | ok       |              | refund
    """)
    told = [fact for fact in facts(text) if isinstance(fact, Payment)]
    assert [(fact.payment, fact.kind, fact.outcome, fact.amount, fact.failure_code) for fact in told] == [
        ("P1", "attempt", "failed", Decimal(100), "no_funds"),
        ("P2", "attempt", "succeeded", Decimal(100), None),
        ("P3", "refund", "succeeded", Decimal(100), None),
    ]


def test_costs_and_usage_reach_their_tables(tmp_path: Path) -> None:
    costs = "service,date,amount,customer\ncompute,2024-01-01,12.50,ann\ncompute,2024-01-02,-2.50,\n"
    usage = "customer,date,meter,quantity\nann,2024-01-01,calls,1000.5\nann,2024-01-02T12:00:00Z,calls,2\n"
    assert [(fact.cost, fact.amount) for fact in facts(costs) if isinstance(fact, Cost)] == [
        ("compute 2024-01-01 ann", Decimal("12.5")),
        ("compute 2024-01-02", Decimal("-2.5")),
    ]
    assert [fact.quantity for fact in facts(usage) if isinstance(fact, Usage)] == [Decimal("1000.5"), Decimal(2)]
    imported(tmp_path, costs)[0].close()
    book, _ = imported(tmp_path, usage)
    with book:
        ledger = book.ledger()
        assert ledger.one("SELECT count(*), sum(amount_micros)::BIGINT FROM cost") == (2, 10_000_000)
        found = ledger.rows("SELECT customer_id, meter, quantity_num, quantity_den FROM usage ORDER BY effective_at")
    assert found == [("tabular/ann", "calls", 2001, 2), ("tabular/ann", "calls", 2, 1)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("customer,country\nann,US\nann,DE\n", "rows 2, 3"),
        ("customer,date,meter,quantity\nann,2024-01-01,calls,5\nann,2024-01-01,calls,6\n", "rows 2, 3"),
        ("service,date,amount\nx,2024-01-01,5\nx,2024-01-01,6\n", "rows 2, 3"),
        ("payment_id,date,amount\nP,2024-01-01,5\nP,2024-01-01,6\n", "rows 2, 3"),
        ("invoice,customer,date,amount\nI,ann,2024-01-01,5\nI,bob,2024-01-01,6\n", "rows 2, 3, column customer"),
        ("date,currency,rate\n2024-01-31,EUR,1.1\n2024-01-31,EUR,1.2\n", "rows 2, 3"),
    ],
    ids=["customer", "usage", "cost", "payment", "invoice", "rate"],
)
def test_rows_that_contradict_each_other(text: str, place: str) -> None:
    with pytest.raises(ImportFileError, match=place):
        bodies(text)


def test_a_slash_in_an_id_names_no_source() -> None:
    (told,) = facts("customer,country\nACME/US,US\n")
    assert isinstance(told, Customer)
    assert told.customer == "ACME⁄US"
