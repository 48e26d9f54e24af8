"""Reading: a prefix by seq or by date, single entries, and pages that memory can hold."""

import sqlite3
from pathlib import Path

import pytest

from mrr.journal import Journal, Record, store
from mrr.journal.trouble import JournalDamaged, NoSuchEntry

from .offers import DAY, everything, record, records, sql

# What SQLite calls synchronous = FULL.
FULL = 2


def test_pages_come_in_the_order_of_seq(journal: Journal) -> None:
    journal.append("stripe", records(1, 25), recorded_at=0)
    pages = [[entry.seq for entry in page] for page in journal.read(batch=10)]
    assert pages == [list(range(1, 11)), list(range(11, 21)), list(range(21, 26))]


def test_a_prefix_is_after_one_seq_and_up_to_another(journal: Journal) -> None:
    journal.append("stripe", records(1, 25), recorded_at=0)
    assert [entry.seq for page in journal.read(after=3, until=7, batch=2) for entry in page] == [4, 5, 6, 7]
    assert [entry.seq for page in journal.read(after=23, until=99) for entry in page] == [24, 25]
    assert list(journal.read(after=25)) == []


def test_what_is_appended_while_reading_is_not_part_of_the_prefix(journal: Journal) -> None:
    journal.append("stripe", records(1, 4), recorded_at=0)
    pages = journal.read(batch=2)
    seen = [entry.seq for entry in next(pages)]
    journal.append("stripe", records(5, 9), recorded_at=0)
    assert seen + [entry.seq for page in pages for entry in page] == [1, 2, 3, 4]


def test_readers_do_not_wait_for_a_writer(journal: Journal, path: Path) -> None:
    journal.append("stripe", records(1, 3), recorded_at=0)
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    writer.execute("DELETE FROM entry")
    assert len(everything(journal)) == 3
    writer.execute("ROLLBACK")
    writer.close()


def test_what_is_acknowledged_was_synced_to_disk(journal: Journal, path: Path) -> None:
    assert sql(path, "PRAGMA journal_mode") == [("wal",)]
    with store.reading(journal._engine, str(path)) as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == FULL


def test_large_bodies_make_short_pages(journal: Journal) -> None:
    large = 33 * 1024 * 1024
    journal.append("stripe", [Record(f"k{n}", "kind", bytes(large)) for n in range(3)], recorded_at=0)
    assert [[len(entry.body) for entry in page] for page in journal.read()] == [[large, large], [large]]


def test_entries_come_in_the_order_asked_for(journal: Journal) -> None:
    journal.append("stripe", records(1, 1500), recorded_at=0)
    wanted = [1200, 3, 3, *range(1100, 1, -1)]
    assert [entry.seq for entry in journal.entries(wanted)] == wanted
    assert journal.entry(7).body == record(7).body
    assert journal.entries([]) == []


@pytest.mark.parametrize("seq", [0, -1, 4])
def test_an_entry_that_does_not_exist_is_named(journal: Journal, seq: int) -> None:
    journal.append("stripe", records(1, 3), recorded_at=0)
    with pytest.raises(NoSuchEntry, match=f"no entry {seq}$"):
        journal.entries([1, seq])


def test_a_date_resolves_to_the_last_seq_before_it(journal: Journal) -> None:
    assert journal.seq_at(99 * DAY) is None
    journal.append("stripe", records(1, 3), recorded_at=DAY)
    journal.append("stripe", records(4, 5), recorded_at=3 * DAY)
    assert journal.seq_at(DAY) is None
    assert journal.seq_at(DAY + 1) == 3
    assert journal.seq_at(3 * DAY) == 3
    assert journal.seq_at(3 * DAY + 1) == 5


def test_the_head_of_an_empty_journal(journal: Journal) -> None:
    head = journal.head()
    assert (head.seq, head.recorded_at, len(head.digest)) == (0, 0, 32)
    assert everything(journal) == []


def test_a_missing_entry_is_never_skipped(journal: Journal, path: Path) -> None:
    journal.append("stripe", records(1, 5), recorded_at=0)
    sql(path, "DELETE FROM entry WHERE seq = 3")
    with pytest.raises(JournalDamaged, match="entry 3 is missing"):
        everything(journal)
    sql(path, "DELETE FROM entry WHERE seq > 2")
    with pytest.raises(JournalDamaged, match="entry 3 is missing"):
        list(journal.read(after=2))


def test_an_erased_body_reads_as_empty_and_says_so(journal: Journal, path: Path) -> None:
    journal.append("stripe", records(1, 3), recorded_at=0)
    sql(path, "UPDATE entry SET body = NULL, erased_at = 77 WHERE seq = 2")
    erased = journal.entry(2)
    assert (erased.body, erased.erased_at) == (b"", 77)
    assert journal.append("stripe", [record(2)], recorded_at=0).duplicates == 1
