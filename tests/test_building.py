"""What building a ledger takes: room is given back slice by slice, and nothing is asked of DuckDB twice."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

import mrr.warehouse as rooms
from mrr.book import Book
from mrr.derivation import build, posting, rollup
from mrr.errors import BookError
from mrr.journal import Journal
from mrr.policy import standard
from mrr.warehouse import Warehouse
from tests.bad_input.telling import body, created, told

CUSTOMERS = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A book of some customers."""
    return created(tmp_path / "book", [body(told(f"c{number}")) for number in range(CUSTOMERS)])


def test_a_build_gives_back_what_it_drops_slice_by_slice(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one transaction all that was dropped would take room until its end: a large book ran out of memory."""
    taken: list[int] = []

    def added(warehouse: Warehouse, **words: Any) -> None:
        add(warehouse, **words)
        query = "SELECT sum(memory_usage_bytes + temporary_storage_bytes) FROM duckdb_memory() WHERE tag LIKE 'IN_MEM%'"
        taken.append(int(warehouse.one(query)[0]))

    add = rollup.add
    monkeypatch.setattr(rollup, "add", added)
    monkeypatch.setattr(build, "SLICE", CUSTOMERS // 12)
    with Journal.open(folder / "journal.sqlite", read_only=True) as journal:
        posting.rebuild(folder / "other.duckdb", journal, standard())
    assert len(taken) == 12
    assert taken[-1] < 1.5 * taken[1]


def test_where_nearly_all_is_to_be_derived_anew_a_new_file_is_built(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[Path] = []

    def rebuilt(path: Path, *words: Any) -> None:
        built.append(path)
        rebuild(path, *words)

    rebuild = posting.rebuild
    monkeypatch.setattr(posting, "rebuild", rebuilt)
    monkeypatch.setattr(build, "SLICE", 100)
    over = {"status": "canceled", "effective_at": "2025-03-01T00:00:00Z"}
    news = [body(told(f"c{number}", key=f"k{number}") | over) for number in range(CUSTOMERS)]
    with Book(folder) as book:
        assert book.verify().ledger_digest
        book.append_bodies(news, source="native")
        before = book.verify().ledger_digest
        assert built == [], "two slices are derived in one transaction"
        monkeypatch.setattr(posting, "MOST_SLICES", 1)
        book.append_bodies([body(told(f"d{number}")) for number in range(4 * CUSTOMERS)], source="native")
        found = book.verify()
        assert found.ok
        assert built == [folder / "warehouse.duckdb"]
        assert found.ledger_digest != before
        assert book.rollforward(as_of="2025-06-01").rows[-1].customers_closing == 4 * CUSTOMERS
        book.build()
        assert book.verify().ledger_digest == found.ledger_digest


def test_a_posting_that_fails_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is asked of a transaction that has failed fails too, and would be told in its place."""

    def fails(warehouse: Warehouse, *_: Any) -> None:
        warehouse.execute("SELECT nothing FROM ledger.movement")

    with Book(folder) as book:
        assert book.verify().ok
        with monkeypatch.context() as broken:
            broken.setattr(build, "some", fails)
            with pytest.raises(duckdb.BinderException, match="nothing"):
                book.append_bodies([body(told("d"))], source="native")
        assert book.rollforward(as_of="2025-06-01").rows[-1].customers_closing == CUSTOMERS + 1


def test_what_a_condition_says_is_asked_again_once_its_table_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse, counts = Warehouse(), []
    texts = {"models/told": "-- Only where: SELECT 1 FROM terms WHERE wanted.\nSELECT * FROM terms"}
    monkeypatch.setattr(rooms, "sql", texts.__getitem__)
    for wanted in (True, False, False, True, False):
        warehouse.temp("terms", "wanted BOOLEAN", [(wanted,)])
        for _ in range(2):
            warehouse.model("told")
            counts.append((warehouse.made["told"], *warehouse.one("SELECT count(*) FROM told")))
    warehouse.close()
    assert counts == [(one, one) for one in (1, 1, 0, 0, 0, 0, 1, 1, 0, 0)]


def test_what_needs_more_memory_than_it_may_have_says_how_to_give_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MRR_MEMORY", "10MB")
    warehouse = Warehouse()
    with pytest.raises(BookError, match="10MB") as refused:
        warehouse.execute("SELECT list(hash(range)) FROM range(5000000)")
    warehouse.close()
    assert "MRR_MEMORY" in refused.value.remedy
