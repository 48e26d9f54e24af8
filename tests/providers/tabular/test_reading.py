"""How cells, headers and files are read: dates, amounts, formats, and what is recognised without being told."""

import gzip
import io
import json
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mrr.book import Book
from mrr.errors import DecodeError, ImportFileError, MrrError, WrongUse
from mrr.policy import standard
from mrr.providers.tabular import load
from mrr.providers.tabular.cells import Line
from mrr.providers.tabular.mapping import Mapping, Reading
from mrr.providers.tabular.recognise import Usual, plain, recognise

from .tables import OBSERVED, at, bodies, facts, imported, moved

ROW = {"customer": "ann", "start": "2024-01-05", "mrr": "50"}
HEADER = ["customer", "start", "mrr"]


def line(cell: str, **said: Any) -> Line:
    """A row whose field `x` has a text, under a reading that says something."""
    known = recognise(Mapping(), HEADER, Usual("USD", "UTC")).reading
    plain_reading = {name: getattr(known, name) for name in Reading.__struct_fields__}
    return Line(Reading(**(plain_reading | {"columns": {"x": "X"}} | said)), {"X": cell})


@pytest.mark.parametrize(
    ("text", "said", "expected"),
    [
        ("1200", {}, "1200"),
        ("0012.50", {}, "12.5"),
        ("$1200", {}, "1200"),
        ("1200 USD", {}, "1200"),
        ("+3.", {}, "3"),
        ("1,234.50", {"decimal": "point"}, "1234.5"),
        ("1,234,567", {"decimal": "point"}, "1234567"),
        ("1.234,50", {"decimal": "comma"}, "1234.5"),
        ("1 234 567,5", {"decimal": "comma"}, "1234567.5"),
        ("12,5", {"decimal": "comma"}, "12.5"),
        ("1250", {"unit": "minor"}, "12.5"),
        (" 7 ", {}, "7"),
    ],
)
def test_amounts(text: str, said: dict[str, Any], expected: str) -> None:
    assert line(text, **said).amount("x", "USD") == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "said", "reason"),
    [
        ("1,234", {}, "may mean two numbers"),
        ("12.50", {"decimal": "comma"}, "no number"),
        ("1,23,4", {"decimal": "point"}, "no number"),
        ("1.2.3", {}, "no number"),
        ("€5", {}, "in a row of USD"),
        ("5 EUR", {}, "in a row of USD"),
        ("-5", {}, "at least 0"),
        ("1e3", {}, "no amount"),
        ("twelve", {}, "no amount"),
        ("", {}, "empty"),
        ("n/a", {}, "no amount"),
        ("99999999999", {}, "at most"),
        ("0.1234567890123", {}, "places"),
        ("NaN", {"null": ()}, "no amount"),
        ("Infinity", {}, "no amount"),
    ],
)
def test_what_is_no_amount(text: str, said: dict[str, Any], reason: str) -> None:
    with pytest.raises(DecodeError, match=reason) as error:
        line(text, **said).amount("x", "USD")
    assert error.value.path == "X"


def test_minor_units_are_those_of_the_currency() -> None:
    assert line("1200", unit="minor").amount("x", "JPY") == 1200
    assert line("1200", unit="minor").amount("x", "KWD") == Decimal("1.2")


@pytest.mark.parametrize(
    ("text", "dates", "expected"),
    [
        ("2024-03-04", (), "2024-03-04"),
        ("2024/03/04", (), "2024-03-04"),
        ("20240304", (), "2024-03-04"),
        ("2024-03-04T10:00:00Z", (), "2024-03-04T10:00"),
        ("2024-03-04 10:00:00+02:00", (), "2024-03-04T08:00"),
        ("2024-03-04 10:00:00.123456", (), "2024-03-04T10:00:00.123456"),
        ("04/03/2024", ("%d/%m/%Y",), "2024-03-04"),
        ("04/03/2024", ("%m/%d/%Y",), "2024-04-03"),
        ("4 Mar 2024", ("%Y-%m-%d", "%d %b %Y"), "2024-03-04"),
        ("13/03/2024", ("%d/%m/%Y", "%m/%d/%Y"), "2024-03-13"),
        ("03/03/2024", ("%d/%m/%Y", "%m/%d/%Y"), "2024-03-03"),
    ],
)
def test_dates(text: str, dates: tuple[str, ...], expected: str) -> None:
    assert line(text, dates=dates).starts_at("x") == at(expected)


@pytest.mark.parametrize(
    ("text", "dates", "reason"),
    [
        ("03/04/2024", (), 'may be two days; say `dates = \\["%d/%m/%Y"\\]` or `dates = \\["%m/%d/%Y"\\]`'),
        ("13/04/2024", (), 'no ISO date: .* say `dates = \\["%d/%m/%Y"\\]`'),
        ("4.13.24", (), 'say `dates = \\["%m.%d.%y"\\]`'),
        ("03/04/2024", ("%d/%m/%Y", "%m/%d/%Y"), "another day under"),
        ("4 Mar 2024", (), "no ISO date"),
        ("45292", (), "no ISO date"),
        ("2024-02-30", (), "no such day"),
        ("1969-12-31", (), "from 1970"),
        ("9999-01-01", (), "from 1970 to 9998"),
        ("2024-03-04", ("%d/%m/%Y",), "in any of the formats"),
    ],
)
def test_what_is_no_date(text: str, dates: tuple[str, ...], reason: str) -> None:
    with pytest.raises(DecodeError, match=reason):
        line(text, dates=dates).starts_at("x")


def test_words_for_nothing_and_for_true() -> None:
    assert line("NULL").raw("x") is None
    assert line("-", null=("-",)).raw("x") is None
    assert [line(text).flag("x") for text in ("True", "TRUE", "no", "0", "")] == [True, True, False, False, None]
    with pytest.raises(DecodeError, match="neither true nor false"):
        line("maybe").flag("x")


# ----- headers


@pytest.mark.parametrize("name", ["Start Date", "startDate", "START_DATE", " start-date "])
def test_a_header_in_any_spelling(name: str) -> None:
    assert plain(name) == "start_date"


def test_what_is_recognised_is_said() -> None:
    header = ["Customer ID", "Plan", "Start Date", "End Date", "MRR (USD)"]
    reading, assumed = recognise(Mapping(), header, Usual("EUR", "Europe/Berlin"))
    assert reading.columns == {
        "customer": "Customer ID",
        "starts_on": "Start Date",
        "ends_on": "End Date",
        "product": "Plan",
        "amount": "MRR (USD)",
    }
    assert reading.constants == {"currency": "USD", "per": "month"}
    assert reading.timezone == "Europe/Berlin"
    told = " ".join(assumed)
    for word in ("periods", "exclusive", "Europe/Berlin", "ISO 8601"):
        assert word in told
    assert "EUR" not in told


def test_seats_count_only_with_the_price_of_one() -> None:
    header = ["customer", "start", "end", "seats"]
    whole = recognise(Mapping(), [*header, "mrr"], Usual("USD", "UTC")).reading
    each = recognise(Mapping(), [*header, "unit_price"], Usual("USD", "UTC")).reading
    assert ("quantity" in whole.columns, "quantity" in each.columns) == (False, True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("table = 'people'", "Invalid enum value 'people'"),
        ("colums = {}", "unknown field `colums`"),
        ("ends = 'never'", "Invalid enum value 'never'"),
        ("table = 'rates'\n[columns]\nseats = 'x'", "a table of rates has no 'seats'"),
        ("ends = ", "no TOML"),
        ("delimiter = 'ab'", "delimiter"),
        ("timezone = 'Mars/Olympus'", "unknown time zone"),
        ("[constants]\ncurrency = 'XXX'", "unknown currency"),
        ("dates = ['%d/%m']", "leaves out"),
        ("dates = ['%Q']", "date format|leaves out"),
    ],
)
def test_a_mapping_that_is_none(text: str, message: str) -> None:
    with pytest.raises(WrongUse, match=message):
        recognise(load(text, "m.toml"), HEADER, Usual("USD", "UTC"))


# ----- formats


def parquet(columns: dict[str, Any]) -> bytes:
    """A Parquet file."""
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


EXACT = {"customer": ["ann"], "start": [pa.scalar(19727, pa.date32()).as_py()], "mrr": [Decimal("50.00")]}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("customer,start,mrr\nann,2024-01-05,50\n", "t.csv"),
        ("\ufeffcustomer;start;mrr\r\nann;2024-01-05;50\r\n", "t.csv"),
        ('"customer"\t"start"\t"mrr"\n"ann"\t"2024-01-05"\t"50"\n\n', "t.tsv"),
        (gzip.compress(b"customer,start,mrr\nann,2024-01-05,50\n"), "t.csv.gz"),
        (json.dumps(ROW) + "\n", "t.jsonl"),
        ('{"customer": "ann", "start": "2024-01-05", "mrr": 50.00, "end": null}\n', "t.jsonl"),
        (parquet({key: [value] for key, value in ROW.items()}), "t.parquet"),
        (parquet(EXACT), "t.parquet"),
    ],
    ids=["CSV", "BOM, CRLF and ;", "tabs and quotes", "gzip", "JSONL", "JSON numbers", "Parquet", "Parquet decimals"],
)
def test_every_format_comes_to_the_same(tmp_path: Path, content: str | bytes, name: str) -> None:
    book, done = imported(tmp_path, content, name=name)
    with book:
        assert moved(book) == [("2024-01-05", "ann", "new", 50, {"new": 50})]
    assert done.read.table == "periods"


def test_binary_fractions_are_refused_unless_the_mapping_says_otherwise(tmp_path: Path) -> None:
    content = parquet({**EXACT, "mrr": [0.1], "score": [1.5]})
    with pytest.raises(ImportFileError, match=r"row 1, column mrr: 0\.1 is a binary fraction") as error:
        imported(tmp_path, content)
    assert 'floats = "shortest"' in error.value.remedy
    book, _ = imported(tmp_path, content, 'floats = "shortest"')
    with book:
        assert book.movements(as_of=OBSERVED).rows[0].amount_micros == 100_000


def test_a_query_of_a_database(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "billing.db") as store:
        store.execute("CREATE TABLE sub (id INTEGER, who TEXT, since TEXT, price TEXT)")
        rows = [(1, "ann", "2024-01-05", "50"), (2, "bob", "2024-02-01", "7")]
        store.executemany("INSERT INTO sub VALUES (?, ?, ?, ?)", rows)
    store.close()
    query = "SELECT id AS subscription_id, who AS customer, since AS start, price AS mrr FROM sub WHERE since <> ':x'"
    with Book.create(tmp_path / "book", policy=standard()) as book:
        done = book.append_table(query=query, database=f"sqlite:///{tmp_path}/billing.db")
        assert [row[:4] for row in moved(book)] == [("2024-01-05", "ann", "new", 50), ("2024-02-01", "bob", "new", 7)]
        assert done.read.rows == 2
        again = book.append_table(query=query, database=f"sqlite:///{tmp_path}/billing.db")
        assert again.counts.duplicates == 3


@pytest.mark.parametrize(
    ("database", "query", "message"),
    [
        ("sqlite:///{}/billing.db", "SELECT * FROM absent", "no such table: absent"),
        ("paper:///x", "SELECT 1", "paper"),
        ("no url", "SELECT 1", "Could not parse"),
        ("sqlite:///{}/billing.db", "SELECT 1 AS a, 2 AS a", "column 'a' is there twice"),
        ("sqlite:///{}/billing.db", "SELECT 'ann' AS customer, '2024-01-01' AS start, 0.1 AS mrr", "row 1, column mrr"),
    ],
)
def test_a_query_that_fails(tmp_path: Path, database: str, query: str, message: str) -> None:
    with Book.create(tmp_path / "book", policy=standard()) as book:
        with pytest.raises(MrrError, match=message):
            book.append_table(query=query, database=database.format(tmp_path))
        assert book.verify().entries == 0


def test_raw_cells_and_their_reading_are_in_the_body() -> None:
    (body,) = bodies("customer,start,mrr,notes\nann,2024-01-05,50.00,as it was \n")
    whole = json.loads(body)
    assert whole["rows"] == [{"customer": "ann", "mrr": "50.00", "notes": "as it was ", "start": "2024-01-05"}]
    assert whole["reading"]["columns"] == {"amount": "mrr", "customer": "customer", "starts_on": "start"}
    assert len(facts("customer,start,mrr\nann,2024-01-05,50\n")) == 1
