"""Answers as Arrow, pandas, Polars and dicts: exact, flat, and with their definition."""

import json
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import msgspec
import polars
import pyarrow as pa
import pytest

from mrr import Book
from mrr.answers import Customers, Movements, Rollforward
from mrr.errors import WrongUse
from mrr.reports.tables import AMOUNT, DEFINITION, RATIO, amounts, definition_of
from tests.export.company import AS_OF


def major(micros: int) -> Decimal:
    """Micros in major units, by decimal arithmetic."""
    return Decimal(micros).scaleb(-6)


def test_amounts_are_the_same_integers_read_with_six_places() -> None:
    micros = [0, 1, -1, 401_486_260, -12_000_001, 2**63 - 1, -(2**63), None]
    told = amounts(micros)
    assert told.type == AMOUNT
    assert told.to_pylist() == [None if one is None else major(one) for one in micros]
    with pytest.raises(OverflowError):
        amounts([2**63])


def test_a_roll_forward_as_a_table(book: Book) -> None:
    history = book.rollforward(as_of=AS_OF)
    table = history.arrow()
    assert table.num_rows == len(history) == 12
    names = "period_starts_on group opening new expansion contraction churn reactivation fx entering leaving closing"
    assert table.column_names == [
        *(*names.split(), "customers_opening", "customers_closing", "policy", "restated", "currency")
    ]
    assert table.schema.field("closing").type == AMOUNT
    assert table["closing"].to_pylist() == [major(row.closing_micros) for row in history.rows]
    assert set(table["currency"].to_pylist()) == {"USD"}
    assert table["period_starts_on"].to_pylist()[0] == date(2023, 1, 1)


def test_micros_stay_integers_where_they_are_asked_for(book: Book) -> None:
    moves = book.movements(as_of=AS_OF)
    table = moves.arrow(micros=True)
    assert table.schema.field("amount_micros").type == pa.int64()
    assert table["amount_micros"].to_pylist() == [move.amount_micros for move in moves]
    assert "amount" not in table.column_names
    assert definition_of(table)["unit"].startswith("micros")
    assert definition_of(moves.arrow())["unit"].startswith("major units")


def test_the_definition_goes_along(book: Book) -> None:
    history = book.rollforward(as_of=AS_OF)
    told = json.loads(history.arrow().schema.metadata[DEFINITION])
    assert told["policy_hash"] == book.policy.hash
    assert told["ledger_digest"] == history.definition.ledger_digest
    assert told["as_of"] == "2024-01-01T00:00:00Z"
    assert history.pandas().attrs["definition"] == told


def test_attributes_are_columns_and_lines_a_table_of_their_own(book: Book) -> None:
    known, moves = book.customers(as_of=AS_OF), book.movements(as_of=AS_OF)
    table = known.arrow()
    assert table["attribute_segment"].to_pylist() == [one.attributes.get("segment") for one in known]
    assert "lines" not in moves.arrow().column_names
    lines = moves.lines().arrow()
    summed: dict[str, Decimal] = {}
    for row in lines.to_pylist():
        summed[row["movement_id"]] = summed.get(row["movement_id"], Decimal(0)) + row["amount"]
    assert all(summed.get(move.movement_id, 0) == major(move.amount_micros) for move in moves)
    assert len(summed) > 100


def test_pandas_holds_decimals_and_days(book: Book) -> None:
    moves = book.movements(as_of=AS_OF)
    frame = moves.pandas()
    assert frame["amount"].sum() == major(sum(move.amount_micros for move in moves))
    assert frame.groupby("class")["amount"].sum()["new"] == major(
        sum(move.amount_micros for move in moves if move.class_ == "new")
    )
    assert str(frame["on"].dtype).startswith("datetime64")
    assert not [name for name, kind in frame.dtypes.items() if str(kind).startswith("float")]
    assert str(book.customers(as_of=AS_OF).pandas()["items"].dtype) == "Int64"


def test_polars_holds_decimals_and_days(book: Book) -> None:
    moves = book.movements(as_of=AS_OF)
    frame = moves.polars()
    assert frame.schema["amount"] == polars.Decimal(38, 6)
    assert frame.schema["on"] == polars.Date
    assert frame["amount"].sum() == major(sum(move.amount_micros for move in moves))


def test_dicts_are_rows_by_column(book: Book) -> None:
    moves = book.movements(as_of=AS_OF)
    (first, *_) = moves.dicts()
    assert first["amount"] == major(moves[0].amount_micros)
    assert first["on"] == moves[0].on
    assert moves.dicts(micros=True)[0]["amount_micros"] == moves[0].amount_micros


def test_any_library_that_reads_arrow_takes_an_answer(book: Book) -> None:
    moves = book.movements(as_of=AS_OF)
    assert polars.DataFrame(moves).height == len(moves)
    assert pa.table(moves).num_rows == len(moves)
    (row,) = duckdb.execute("SELECT sum(amount) FROM moves").fetchall()
    assert row == (major(sum(move.amount_micros for move in moves)),)


def test_a_metric_is_a_table_like_any_other(book: Book) -> None:
    answer = book.metric(name="nrr", as_of=AS_OF)
    table = answer.arrow()
    assert table.schema.field("ratio").type == RATIO
    told = [None if row.ratio is None else Decimal(row.ratio) for row in answer]
    assert table["ratio"].to_pylist() == told
    assert len({one for one in told if one is not None}) > 5
    assert definition_of(table)["formula"]


@pytest.mark.parametrize("kind", [Rollforward, Movements, Customers])
def test_what_came_over_the_socket_makes_the_same_table(book: Book, kind: Any) -> None:
    """The owner of the warehouse answers in JSON; tables are made by whoever asked."""
    here: Any = getattr(book, kind.__name__.lower())(as_of=AS_OF)
    there = msgspec.json.decode(msgspec.json.encode(here), type=kind)
    assert there.arrow().equals(here.arrow(), check_metadata=True)


def test_an_empty_answer_keeps_its_columns(book: Book) -> None:
    nobody = book.movements(as_of=AS_OF, customer="nobody")
    assert len(nobody) == 0
    assert nobody.arrow().schema == book.movements(as_of=AS_OF).arrow().schema
    assert nobody.pandas().empty


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_a_missing_library_is_told_with_its_remedy(book: Book, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(WrongUse, match=f"{name} is not installed") as told:
        getattr(book.customers(as_of=AS_OF), name)()
    assert told.value.remedy == f"`pip install 'mrr[{name}]'` adds it."
