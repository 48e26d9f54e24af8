"""Importing tables from the command line: what is recognised, what a rehearsal says, and what then happens."""

import sqlite3
from pathlib import Path

from .conftest import Mrr

TEXT = """subscription_id,customer,plan,start_date,end_date,mrr
S,ann,pro,2024-01-01,2024-06-01,50
T,bob,pro,2024-02-01,,20
"""


def book(mrr: Mrr, tmp_path: Path) -> Path:
    """An empty book beside a table."""
    (tmp_path / "table.csv").write_text(TEXT)
    mrr("init", tmp_path / "b")
    return tmp_path / "b"


def test_a_rehearsal_says_what_would_change_and_changes_nothing(mrr: Mrr, tmp_path: Path) -> None:
    place = book(mrr, tmp_path)
    told = mrr("import", "--book", place, "--dry-run", tmp_path / "table.csv")
    assert told.code == 0
    for words in ("read as periods", "Ends are exclusive", "column start_date", "3 subscription snapshots",
                  "from 0.00 to 20.00 USD", "nothing was imported"):  # fmt: skip
        assert words in told.out
    assert mrr("verify", "--book", place, "--json").json["entries"] == 0
    (found,) = mrr("import", "--book", place, "--dry-run", tmp_path / "table.csv", "--json").lines
    assert found["change"]["mrr_after_micros"] == 20_000_000
    assert [(row["class"], row["added"], row["amount_micros"]) for row in found["change"]["changes"]] == [
        ("churn", 1, -50_000_000),
        ("new", 2, 70_000_000),
    ]


def test_a_table_is_imported_and_says_what_it_assumed(mrr: Mrr, tmp_path: Path) -> None:
    place = book(mrr, tmp_path)
    told = mrr("import", "--book", place, tmp_path / "table.csv").out
    assert "table.csv: 2 rows, read as periods." in told
    assert "Amounts are in USD, the currency of the book" in told
    assert "3 entries: 2 decoded, 1 irrelevant" in told
    counts = mrr("import", "--book", place, tmp_path / "table.csv", "--json").json
    assert (counts["entries"], counts["duplicates"]) == (3, 3)
    again = mrr("import", "--book", place, "--dry-run", tmp_path / "table.csv").out
    assert "3 known already" in again
    assert "The ledger would stay as it is." in again


def test_a_mapping_and_a_named_source(mrr: Mrr, tmp_path: Path) -> None:
    place = book(mrr, tmp_path)
    (tmp_path / "m.toml").write_text('ends = "inclusive"\n')
    asked = ("import", "--book", place, "--mapping", tmp_path / "m.toml", "--source", "crm", tmp_path / "table.csv")
    assert mrr(*asked, "--json").json["decoded"] == 2
    (left,) = mrr("movements", "--book", place, "--class", "churn", "--json").lines
    assert (left["on"], left["source"]) == ("2024-06-02", "tabular:crm")


def test_a_query(mrr: Mrr, tmp_path: Path) -> None:
    place = book(mrr, tmp_path)
    with sqlite3.connect(tmp_path / "billing.db") as store:
        store.execute("CREATE TABLE sub AS SELECT 'ann' AS customer, '2024-01-01' AS start_date, '50' AS mrr")
    store.close()
    database = f"sqlite:///{tmp_path}/billing.db"
    asked = ("import", "--book", place, "--query", "SELECT * FROM sub", "--database", database)
    assert "the query: 1 row, read as periods." in mrr(*asked).out
    assert mrr("customers", "--book", place, "--json").lines[0]["mrr_micros"] == 50_000_000


def test_a_refused_table_exits_with_1_in_rehearsal_and_for_real(mrr: Mrr, tmp_path: Path) -> None:
    place = book(mrr, tmp_path)
    (tmp_path / "bad.csv").write_text(TEXT.replace("2024-06-01", "06/07/2024"))
    tried = mrr("import", "--book", place, "--dry-run", tmp_path / "bad.csv")
    assert tried.code == 1
    assert "the import would be refused" in tried.out
    done = mrr("import", "--book", place, tmp_path / "bad.csv")
    assert done.code == 1
    assert "row 2, column end_date: '06/07/2024' may be two days" in done.err
    assert mrr("verify", "--book", place, "--json").json["entries"] == 0


def test_events_can_be_rehearsed_too(mrr: Mrr, files: Path, tmp_path: Path) -> None:
    place = book(mrr, tmp_path)
    told = mrr("import", "--book", place, "--dry-run", files / "events.jsonl.gz").out
    assert "MRR as of now would go from 0.00" in told
    assert mrr("verify", "--book", place, "--json").json["entries"] == 0
