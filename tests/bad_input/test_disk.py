"""A disk that is really full: the journal refuses whole batches, the ledger waits for room, nothing is half-written."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mrr.book import Book
from mrr.errors import BookError
from mrr.journal import trouble
from mrr.policy import standard

from .telling import body, closing, created, goes_on, told


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 megabytes; only root can make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("a small file system cannot be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def leave(disk: Path, free: int) -> Path:
    """Fill the disk but for so many bytes; the file that does it."""
    ballast = disk / "ballast"
    room = os.statvfs(disk)
    ballast.write_bytes(bytes(room.f_bavail * room.f_frsize - free))
    return ballast


def test_no_room_for_the_journal(small_disk: Path) -> None:
    folder = created(small_disk / "book", [body(told("acme"))])
    ballast = leave(small_disk, 200_000)
    noise = [body(told(f"c{n}", extra={"note": os.urandom(2000).hex()})) for n in range(400)]
    with Book(folder) as book:
        with pytest.raises(trouble.DiskFull, match="the disk is full") as raised:
            book.append_bodies(noise, source="native")
        assert raised.value.exit_code == 3
        assert book.journal.head().seq == 1
        assert book.verify().ok
    assert closing(folder) == 20_000_000
    ballast.unlink()
    with Book(folder) as book:
        assert book.append_bodies(noise, source="native").decoded == 400
    goes_on(folder)


@pytest.mark.parametrize("free", [60_000, 600_000])
def test_no_room_for_a_first_ledger(small_disk: Path, free: int) -> None:
    folder = created(small_disk / "book")
    ballast = leave(small_disk, free)
    with Book(folder) as book:
        with pytest.raises(BookError, match=r"cannot be written|warehouse\.duckdb") as raised:
            book.append_bodies([body(told("acme"))], source="native")
        assert raised.value.remedy
        assert book.journal.head().seq == 1
        assert not list(folder.glob("*.new*"))
        ballast.unlink()
        # The same process goes on once there is room.
        assert book.verify().ok
    assert closing(folder) == 20_000_000
    goes_on(folder)


def test_no_room_to_post_what_is_new(small_disk: Path) -> None:
    folder = created(small_disk / "book", [body(told("acme"))])
    with Book(folder) as book:
        digest = book.verify().ledger_digest
        ballast = leave(small_disk, 300_000)
        facts = [body(told(f"c{n}")) for n in range(1500)]
        with pytest.raises(BookError) as raised:
            book.append_bodies(facts, source="native")
        assert raised.value.remedy
        assert book.journal.head().seq in (1, 1501)
        ballast.unlink()
        book.append_bodies(facts, source="native")
        assert book.verify().entries == 1501
        grown = book.verify().ledger_digest
        assert grown != digest
    with Book.create(small_disk.parent / "fresh", policy=standard()) as fresh:
        fresh.append_bodies([body(told("acme")), *facts], source="native")
        assert fresh.verify().ledger_digest == grown
    goes_on(folder)
