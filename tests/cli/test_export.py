"""`mrr export`: what it writes, where, and what it says of words that do not fit."""

import csv
import io
import json
import sqlite3
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow.parquet
import pytest

from mrr.book.exporting import EXPORTS
from tests.cli.conftest import AS_OF, Mrr, finished, program


def rows(text: str) -> list[dict[str, str]]:
    """CSV as dicts."""
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_to_standard_output(mrr: Mrr, acme: Path) -> None:
    said = mrr("export", "rollforward", "--book", acme, "--as-of", AS_OF)
    assert said.code == 0
    assert "policy standard" in said.err, "the definition goes along, out of the way of what is piped on"
    told = mrr("rollforward", "--book", acme, "--as-of", AS_OF, "--json").json["rows"]
    assert [Decimal(row["closing"]) for row in rows(said.out)] == [
        Decimal(row["closing_micros"]).scaleb(-6) for row in told
    ]
    assert [row["period_starts_on"] for row in rows(said.out)] == [row["period_starts_on"] for row in told]
    assert {row["currency"] for row in rows(said.out)} == {"USD"}


def test_micros_on_request(mrr: Mrr, acme: Path) -> None:
    said = mrr("export", "movements", "--book", acme, "--as-of", AS_OF, "--micros", "--format", "jsonl")
    told = mrr("movements", "--book", acme, "--as-of", AS_OF, "--json").lines
    assert [row["amount_micros"] for row in said.lines] == [row["amount_micros"] for row in told]


@pytest.mark.parametrize("what", [*EXPORTS, "nrr", "mrr.ending", "cohort.logo"])
def test_everything_can_be_exported(mrr: Mrr, acme: Path, tmp_path: Path, what: str) -> None:
    """To Parquet and, by the same answer, into a database."""
    said = mrr("export", what, "--book", acme, "--as-of", AS_OF, "--to", tmp_path / "a.parquet", "--json")
    assert said.code == 0, said.err
    table = pyarrow.parquet.read_table(tmp_path / "a.parquet")
    assert said.json["rows"] == table.num_rows > 0
    database = mrr("export", what, "--book", acme, "--as-of", AS_OF, "--to", f"sqlite:///{tmp_path}/bi.db")
    assert database.code == 0, database.err
    name = "mrr_" + what.replace("-", "_").replace(".", "_")
    with sqlite3.connect(tmp_path / "bi.db") as connection:
        assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (table.num_rows,)
    connection.close()


def test_the_options_reach_the_book(mrr: Mrr, acme: Path) -> None:
    of = ("--book", acme, "--as-of", AS_OF)
    some = rows(mrr("export", "movements", *of, "--first", "2023-06", "--last", "2023-07", "--class", "new").out)
    assert {row["class"] for row in some} == {"new"}
    assert {row["on"][:7] for row in some} == {"2023-06", "2023-07"}
    quarters = rows(mrr("export", "rollforward", *of, "--interval", "quarter", "--by", "segment").out)
    assert {row["period_starts_on"] for row in quarters} == {f"2023-{month}-01" for month in ("01", "04", "07", "10")}
    assert len({row["group"] for row in quarters}) > 1
    one = rows(mrr("export", "changes", *of, "--customer", some[0]["customer_id"]).out)
    assert {row["customer_id"] for row in one} == {some[0]["customer_id"]}
    euros = rows(mrr("export", "mrr.ending", *of, "--where", "currency=EUR").out)
    assert Decimal(euros[-1]["value"]) < Decimal(rows(mrr("export", "mrr.ending", *of).out)[-1]["value"])


def test_reports_agree_with_each_other_also_without_as_of(mrr: Mrr, acme: Path) -> None:
    """What is asked beside the first answer is of the same instant, whatever the clock says."""
    subscribers = rows(mrr("export", "subscribers-by-month", "--book", acme, "--last", "2023-12").out)
    summary = rows(mrr("export", "summary", "--book", acme, "--last", "2023-12").out)
    total = sum((Decimal(row["2023-12"]) for row in subscribers), Decimal(0))
    assert total == Decimal(summary[-1]["mrr_closing"]) > 0
    assert summary[-1]["subscribers_closing"] == str(sum(Decimal(row["2023-12"]) > 0 for row in subscribers))


def test_an_excel_file_says_what_was_written(mrr: Mrr, acme: Path, tmp_path: Path) -> None:
    said = mrr("export", "summary", "--book", acme, "--as-of", AS_OF, "--to", tmp_path / "summary.xlsx")
    assert said.out == f"12 rows of summary to {tmp_path / 'summary.xlsx'}\n"
    assert openpyxl.load_workbook(tmp_path / "summary.xlsx").sheetnames == ["Rows", "Definition"]


def test_json_is_a_document_with_its_definition(mrr: Mrr, acme: Path, tmp_path: Path) -> None:
    mrr("export", "customers", "--book", acme, "--as-of", AS_OF, "--to", tmp_path / "c.json")
    here = mrr("export", "customers", "--book", acme, "--as-of", AS_OF, "--format", "json")
    assert (tmp_path / "c.json").read_text("utf-8") == here.out
    assert here.json["definition"]["policy"] == "standard"


WRONG = [
    (["nonsense"], "nothing to export is called 'nonsense'", "subscribers-by-month"),
    (["movements", "--state", "active"], "--state does not go with movements", "--class"),
    (["customers", "--first", "2023"], "--first does not go with customers", "--as-of"),
    (["summary", "--interval", "year"], "--interval does not go with summary", "--first"),
    (["movements", "--to", "a.pdf"], "unknown format 'pdf'", "csv, json, jsonl, parquet, xlsx"),
    (["movements", "--to", "-", "--format", "xlsx"], "unknown format 'xlsx'", "csv, json, jsonl"),
    (["movements", "--json"], "--json tells what was written", "--format json"),
    (["movements", "--to", "a.csv", "--table", "t"], "--table is for databases", "--to"),
    (["movements", "--to", "sqlite:///a.db", "--format", "csv"], "--format is for files", "leave it out"),
    (["rollforward", "--where", "nonsense"], "is no filter", "KEY=VALUE"),
]


@pytest.mark.parametrize(("words", "said", "remedy"), WRONG, ids=lambda value: " ".join(value)[:40])
def test_words_that_do_not_fit(
    mrr: Mrr, acme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str, remedy: str
) -> None:
    monkeypatch.chdir(tmp_path)
    told = mrr("export", *words, "--book", acme)
    assert told.code == 2
    assert said in told.err
    assert remedy in told.err
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written(mrr: Mrr, acme: Path, tmp_path: Path) -> None:
    told = mrr("export", "movements", "--book", acme, "--to", tmp_path / "missing" / "a.csv")
    assert told.code == 1
    assert f"{tmp_path / 'missing' / 'a.csv'}: No such file or directory" in told.err
    assert f"mkdir -p {tmp_path / 'missing'}" in told.err


def test_no_password_is_ever_said(mrr: Mrr, acme: Path) -> None:
    place = "postgresql+psycopg://mrr:hunter2@127.0.0.1:1/bi"
    for words in ((), ("--json",)):
        told = mrr("export", "movements", "--book", acme, "--as-of", AS_OF, "--to", place, *words)
        assert told.code == 1
        assert "postgresql+psycopg://mrr:***@127.0.0.1:1/bi" in told.err
        assert "hunter2" not in told.err + told.out


def test_through_a_pipe(acme: Path) -> None:
    """As a process of its own, while another owns the warehouse or not: bytes of UTF-8, nothing else."""
    said = finished(program("export", "summary", "--book", acme, "--as-of", AS_OF, "--format", "json"))
    assert said.code == 0
    assert said.err == ""
    assert len(json.loads(said.out)["rows"]) == 12
