"""Files: each format gives back what was put in, and a file appears whole or not at all."""

import csv
import io
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet
import pytest

import mrr.export.excel as excel
import mrr.export.place as place
from mrr import Book
from mrr.errors import WrongUse
from mrr.export import FORMATS, TEXTS, ExportError, as_text, format_of, to_file
from mrr.export.files import BARE, WRITERS
from mrr.money import DIGITS
from mrr.reports.tables import AMOUNT, DEFINITION, definition_of, labelled
from tests.export.company import AS_OF


@pytest.fixture
def customers(book: Book) -> pa.Table:
    """A table with texts, numbers, days, amounts and holes; a name in it begins with `=`."""
    return book.customers(as_of=AS_OF).arrow()


def rows_of(table: pa.Table) -> list[dict[str, str]]:
    """The rows as texts, as CSV has them."""
    return [{name: "" if value is None else f"{value}" for name, value in row.items()} for row in table.to_pylist()]


def test_csv(customers: pa.Table, tmp_path: Path) -> None:
    written = to_file(customers, tmp_path / "customers.csv", "csv")
    read = csv.DictReader(io.StringIO((tmp_path / "customers.csv").read_text("utf-8")))
    assert list(read) == rows_of(customers)
    assert (written.rows, written.bytes) == (customers.num_rows, (tmp_path / "customers.csv").stat().st_size)


def test_json(customers: pa.Table, tmp_path: Path) -> None:
    to_file(customers, tmp_path / "customers.json", "json")
    told = json.loads((tmp_path / "customers.json").read_text("utf-8"))
    assert told["definition"] == definition_of(customers)
    assert [row["mrr"] for row in told["rows"]] == [f"{amount}" for amount in customers["mrr"].to_pylist()]
    assert told["rows"][0]["attribute_name"] == "=1+1"


def test_json_lines(customers: pa.Table, tmp_path: Path) -> None:
    to_file(customers, tmp_path / "customers.jsonl", "jsonl")
    lines = (tmp_path / "customers.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["customer_id"] for line in lines] == customers["customer_id"].to_pylist()
    assert {type(json.loads(line)["mrr"]) for line in lines} == {str}


def test_parquet(customers: pa.Table, tmp_path: Path) -> None:
    to_file(customers, tmp_path / "customers.parquet", "parquet")
    read = pyarrow.parquet.read_table(tmp_path / "customers.parquet")
    assert read.equals(customers)
    assert read.schema.metadata[DEFINITION] == customers.schema.metadata[DEFINITION]


def test_excel(customers: pa.Table, tmp_path: Path) -> None:
    to_file(customers, tmp_path / "customers.xlsx", "xlsx")
    book: Any = openpyxl.load_workbook(tmp_path / "customers.xlsx")
    heads, *rows = book["Rows"].iter_rows()
    assert [cell.value for cell in heads] == customers.column_names
    place_of = {cell.value: number for number, cell in enumerate(heads)}
    for cells, row in zip(rows, customers.to_pylist(), strict=True):
        amount = cells[place_of["mrr"]]
        assert amount.number_format == "#,##0.00"
        assert Decimal(repr(amount.value)) == row["mrr"], "a cell holds the amount to the micro"
        assert cells[place_of["since_on"]].value.date() == row["since_on"]
        assert cells[place_of["items"]].value == row["items"]
    name = rows[0][place_of["attribute_name"]]
    assert (name.value, name.data_type) == ("=1+1", "s"), "a text stays a text"
    told = {cells[0].value: cells[1].value for cells in book["Definition"].iter_rows()}
    assert told["policy_hash"] == definition_of(customers)["policy_hash"]
    assert told.keys() == definition_of(customers).keys()


def test_the_amounts_of_a_sheet_have_the_digits_of_their_currency(book: Book, tmp_path: Path) -> None:
    meant = book.definition(as_of=AS_OF)
    for currency, shown in (("JPY", "#,##0"), ("KWD", "#,##0.000")):
        meant.currency = currency
        table = labelled({"on": pa.array([date(2024, 1, 1)]), "mrr_micros": pa.array([5])}, meant, micros=True)
        assert excel._formats(DIGITS[definition_of(table)["currency"]])[AMOUNT] == shown


def test_equal_answers_make_equal_workbooks(customers: pa.Table) -> None:
    made = [io.BytesIO(), io.BytesIO()]
    for file in made:
        excel.write(customers, file)
    assert made[0].getvalue() == made[1].getvalue()


def test_a_sheet_too_long_is_refused(customers: pa.Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MOST_ROWS", customers.num_rows)
    with pytest.raises(ExportError, match="35 rows are more than the 34 that an Excel sheet holds"):
        excel.write(customers, io.BytesIO())


@pytest.mark.parametrize("form", FORMATS)
def test_the_definition_is_in_the_file_or_beside_it(customers: pa.Table, tmp_path: Path, form: str) -> None:
    written = to_file(customers, tmp_path / f"customers.{form}", form)
    if form in BARE:
        assert written.definition == str(tmp_path / "customers.definition.json")
        assert json.loads(Path(written.definition).read_text("utf-8")) == definition_of(customers)
    else:
        assert written.definition == written.to
    assert len(list(tmp_path.iterdir())) == 1 + (form in BARE)


@pytest.mark.parametrize("form", TEXTS)
def test_text_formats_as_text(customers: pa.Table, tmp_path: Path, form: str) -> None:
    to_file(customers, tmp_path / "same", form)
    assert as_text(customers, form).encode() == (tmp_path / "same").read_bytes()


# ----- whole, or not at all


def test_a_file_that_cannot_be_finished_leaves_the_old_one(
    customers: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "customers.parquet"
    to_file(customers, path, "parquet")
    before = path.read_bytes()

    def half(table: pa.Table, file: IO[bytes]) -> None:
        file.write(before[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(WRITERS, "parquet", half)
    with pytest.raises(ExportError, match=r"customers.parquet: No space left on device"):
        to_file(customers, path, "parquet")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_the_rights_of_any_other(customers: pa.Table, tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    to_file(customers, tmp_path / "customers.csv", "csv")
    assert (tmp_path / "customers.csv").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_link_is_followed(customers: pa.Table, tmp_path: Path) -> None:
    (tmp_path / "real.csv").touch()
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    to_file(customers, tmp_path / "link.csv", "csv")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").stat().st_size > 100


def bad_places(tmp_path: Path) -> Iterator[tuple[Path, str, str]]:
    """Places that cannot be written, what is said of them, and what to do."""
    (tmp_path / "file").touch()
    yield tmp_path / "missing" / "a.csv", "No such file or directory", f"mkdir -p {tmp_path / 'missing'}"
    yield tmp_path, "is no file", "Name a file"
    yield Path(os.devnull), "is no file", "`-` stands for standard output"
    yield tmp_path / "file" / "a.csv", "Not a directory", "Make the directory first"


def test_places_that_cannot_be_written_are_named(customers: pa.Table, tmp_path: Path) -> None:
    for path, said, remedy in bad_places(tmp_path):
        with pytest.raises(ExportError) as told:
            to_file(customers, path, "parquet")
        assert str(path) in str(told.value)
        assert said in str(told.value)
        assert remedy in told.value.remedy
    assert Path(os.devnull).is_char_device()


def test_an_interrupted_file_leaves_no_trace(tmp_path: Path) -> None:
    with suppress(KeyboardInterrupt), place.replacing(tmp_path / "a.csv") as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_formats_go_by_name_or_suffix() -> None:
    assert format_of("a.CSV", None, FORMATS) == "csv"
    assert format_of("a.txt", "jsonl", FORMATS) == "jsonl"
    with pytest.raises(WrongUse, match="unknown format 'pdf'"):
        format_of("a.pdf", None, FORMATS)
    with pytest.raises(WrongUse, match="does not say which format"):
        format_of("board", None, FORMATS)
