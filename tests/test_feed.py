"""Workers: the same rows and ledger as one process, and what becomes of an import when they fail."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mrr.derivation import feed, ingest, posting
from mrr.errors import BookError
from mrr.journal import Journal
from mrr.journal.trouble import JournalDamaged
from mrr.policy import standard
from mrr.simulate import company, delivered
from mrr.warehouse import Warehouse, sql

from .journal.offers import sql as tampered

BROKEN = [b'{"id":"evt_x","object":"event","type":"customer.created","created":"late","data":{}}', b"no JSON", b"[]"]
# A worker that answers once, then dies in the midst of its second span.
DIES = """
import os, sys; sys.path[:] = {path!r}
import mrr.derivation.feed as feed
read, asked = feed._read, []
def dying(warehouse, journal, span):
    asked.append(span)
    if len(asked) > 1:
        os._exit(9)
    return read(warehouse, journal, span)
feed._read = dying
feed.work(sys.stdin.buffer, sys.stdout.buffer)
"""


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A few hundred events, redelivered ones and unreadable ones among them."""
    bodies = list(delivered(company(3, 12, 6, invoices=True).events(), seed=3))
    with Journal.create(tmp_path / "journal.sqlite", created_at=0) as created:
        ingest.append(created, "stripe", [*BROKEN[:1], *bodies, *BROKEN[1:]], now=lambda: 1)
        yield created


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "MANY", 10)
    monkeypatch.setattr(feed, "BATCH", 40)


def rows(journal: Journal, workers: int) -> dict[str, list[Any]]:
    """All tables of facts as that many workers fill them."""
    warehouse = Warehouse()
    warehouse.execute(sql("facts"))
    feed.store(warehouse, journal, 0, journal.head().seq, None, workers)
    tables = warehouse.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' ORDER BY ALL")
    found = {table: warehouse.rows(f"SELECT * FROM {table} ORDER BY ALL") for (table,) in tables}
    warehouse.close()
    return found


def test_the_rows_are_the_same_whatever_the_number_of_workers(journal: Journal) -> None:
    alone = rows(journal, 1)
    assert {outcome[5] for outcome in alone["outcome"]} >= {"decoded", "irrelevant", "quarantined"}
    assert len(alone["subscription_fact"]) > 50
    assert rows(journal, 2) == alone


def test_the_ledger_is_the_same_whatever_the_number_of_workers(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests, outcomes = set(), []
    for workers in ("1", "2"):
        monkeypatch.setenv("MRR_WORKERS", workers)
        warehouse = Warehouse()
        posting.fill(warehouse, journal, standard())
        digests.add(posting.ledger_digest(warehouse))
        outcomes.append(warehouse.rows("SELECT * FROM outcome ORDER BY seq"))
        assert warehouse.one("SELECT count(*) FROM ledger.movement")[0] > 0
        warehouse.close()
    assert len(digests) == 1
    assert outcomes[0] == outcomes[1]


def test_progress_is_told_in_the_order_of_the_journal(journal: Journal) -> None:
    warehouse, told = Warehouse(), []
    warehouse.execute(sql("facts"))
    end = journal.head().seq
    feed.store(warehouse, journal, 30, end, lambda *said: told.append(said), 2)
    assert told == [("decode", min(done, end - 30), end - 30) for done in range(40, end - 30 + 40, 40)]
    assert warehouse.one("SELECT min(seq), max(seq), count(*) FROM outcome") == (31, end, end - 30)
    warehouse.close()


@pytest.mark.parametrize("program", ["/nowhere/python", "/bin/false"])
def test_where_no_process_can_be_started_this_one_does_it(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    alone = rows(journal, 1)
    monkeypatch.setattr(sys, "executable", program)
    assert rows(journal, 2) == alone


def test_a_worker_that_dies_is_told_and_loses_nothing(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = rows(journal, 1)
    with monkeypatch.context() as patched:
        patched.setattr(feed, "_START", DIES)
        with pytest.raises(BookError, match=r"the worker that was decoding entries \d+ to \d+ has died") as told:
            rows(journal, 2)
    assert "MRR_WORKERS=1" in told.value.remedy
    assert rows(journal, 2) == alone


def test_damage_is_told_in_the_same_words(journal: Journal, tmp_path: Path) -> None:
    tampered(tmp_path / "journal.sqlite", "UPDATE entry SET body = x'00' WHERE seq = 77")
    for workers in (1, 2):
        with pytest.raises(JournalDamaged, match="entry 77"):
            rows(journal, workers)


def test_an_interrupted_import_leaves_no_worker_behind(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen: Callable[..., subprocess.Popen[bytes]] = subprocess.Popen

    def noted(*command: Any, **words: Any) -> subprocess.Popen[bytes]:
        started.append(popen(*command, **words))
        return started[-1]

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", noted)
    warehouse = Warehouse()
    warehouse.execute(sql("facts"))
    with pytest.raises(KeyboardInterrupt):
        feed.store(warehouse, journal, 0, journal.head().seq, interrupt, 2)
    warehouse.close()
    assert [process.poll() is None for process in started] == [False, False]


def test_a_worker_ends_with_whoever_asked_it(journal: Journal) -> None:
    asked = feed._Worker(str(journal.address))
    assert asked.ask(feed.Span(0, 5)) is not None
    process = asked._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(60) == 0
    assert process.stdout is not None
    process.stdout.close()
