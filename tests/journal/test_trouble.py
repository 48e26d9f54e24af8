"""What can go wrong with the file or the disk: a clear error with a remedy, and nothing half-written."""

import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from mrr.errors import BookError, MrrError, WrongUse
from mrr.journal import Journal, ReceiptsSummary, trouble

from .offers import everything, record, records, sql


def test_no_file_is_no_journal_and_opening_makes_none(path: Path) -> None:
    with pytest.raises(trouble.NoJournal, match="there is no journal here"):
        Journal.open(path)
    assert not path.exists()


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("content", [b"", b"x" * 5000, b"SQLite format 3\0" + bytes(4080)])
def test_another_file_is_refused_and_left_alone(path: Path, content: bytes, read_only: bool) -> None:
    path.write_bytes(content)
    with pytest.raises(trouble.NotAJournal, match=str(path)):
        Journal.open(path, read_only=read_only)
    assert path.read_bytes() == content


def test_another_database_is_refused_and_left_alone(path: Path) -> None:
    sql(path, "CREATE TABLE invoice (id INTEGER)")
    before = path.read_bytes()
    with pytest.raises(trouble.NotAJournal, match="no journal of mrr"):
        Journal.open(path)
    with pytest.raises(trouble.NotAJournal, match="tables of something else: invoice"):
        Journal.create(path, created_at=0)
    assert path.read_bytes() == before


def test_a_journal_is_created_once(journal: Journal, path: Path) -> None:
    journal.append("stripe", records(1, 3), recorded_at=0)
    with pytest.raises(trouble.JournalExists, match="there is a journal here already"):
        Journal.create(path, created_at=0)
    assert journal.head().seq == 3


def test_a_creation_that_was_cut_short_can_be_repeated(path: Path) -> None:
    path.touch()
    with Journal.create(path, created_at=0) as journal:
        assert journal.append("stripe", records(1, 3), recorded_at=0).appended == 3


def test_a_directory_that_cannot_hold_the_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file" / "journal.sqlite", tmp_path / "absent" / "journal.sqlite"):
        with pytest.raises(trouble.JournalUnwritable, match=str(place)) as raised:
            Journal.create(place, created_at=0)
        assert "directory exists" in raised.value.remedy


def test_a_directory_in_the_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(trouble.NoJournal):
        Journal.open(tmp_path)
    with pytest.raises(trouble.JournalUnwritable):
        Journal.create(tmp_path, created_at=0)


def test_a_read_only_journal_reads_and_does_not_write(journal: Journal, path: Path) -> None:
    journal.append("stripe", records(1, 3), recorded_at=0)
    with Journal.open(path, read_only=True) as reader:
        assert len(everything(reader)) == 3
        assert reader.verify().ok
        with pytest.raises(trouble.JournalUnwritable, match="cannot be written"):
            reader.append("stripe", [record(4)], recorded_at=0)
    assert journal.head().seq == 3


def test_a_lock_that_is_held_too_long(journal: Journal, path: Path) -> None:
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with Journal.open(path, lock_timeout_ms=50) as waiting:
        with pytest.raises(trouble.JournalLocked, match="another process kept the journal locked"):
            waiting.append("stripe", records(1, 3), recorded_at=0)
        assert waiting.head().seq == 0
        blocker.execute("ROLLBACK")
        assert waiting.append("stripe", records(1, 3), recorded_at=0).appended == 3
    blocker.close()


def _fill(journal: Journal) -> None:
    """Append one batch, then one for which there is no room, then a small one again."""
    journal.append("stripe", records(1, 10), recorded_at=0)
    before = journal.head()
    with pytest.raises(trouble.DiskFull, match="the disk is full") as raised:
        journal.append("stripe", records(11, 20_000), recorded_at=0)
    assert "Free some space" in raised.value.remedy
    assert journal.head() == before
    assert journal.verify().ok
    # The refused batch had trained a dictionary, which is gone with it; the next one must not refer to it.
    assert journal.append("stripe", records(11, 20), recorded_at=0).appended == 10
    assert journal.receipts_summary() == ReceiptsSummary(20, 20, 0)
    assert journal.verify().ok


def test_a_file_that_may_not_grow(path: Path) -> None:
    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA max_page_count = 200")

    event.listen(Engine, "connect", limit)
    try:
        with Journal.create(path, created_at=0) as journal:
            _fill(journal)
    finally:
        event.remove(Engine, "connect", limit)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte; only root can make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("a small file system cannot be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_disk_that_is_really_full(small_disk: Path) -> None:
    with Journal.create(small_disk / "journal.sqlite", created_at=0) as journal:
        _fill(journal)


def test_no_room_for_a_new_journal(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(1024 * 1024 - 8192))
    with pytest.raises(trouble.DiskFull):
        Journal.create(small_disk / "journal.sqlite", created_at=0)
    (small_disk / "ballast").unlink()
    with Journal.create(small_disk / "journal.sqlite", created_at=0) as journal:
        assert journal.append("stripe", records(1, 3), recorded_at=0).appended == 3


def test_a_corrupted_file_is_named_on_reading(journal: Journal, path: Path) -> None:
    journal.append("stripe", records(1, 3000), recorded_at=0)
    journal.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 8192))
    with pytest.raises(trouble.JournalDamaged, match="the file is corrupted") as raised:
        everything(Journal.open(path))
    assert "mrr verify" in raised.value.remedy


def test_every_trouble_has_a_remedy_and_an_exit_code() -> None:
    defined = [kind for kind in vars(trouble).values() if isinstance(kind, type) and issubclass(kind, MrrError)]
    kinds = [kind for kind in defined if kind not in (BookError, WrongUse)]
    assert len(kinds) > 10
    for kind in kinds:
        assert kind.remedy
        assert kind.exit_code in (2, 3)
