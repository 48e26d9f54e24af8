"""A flipped byte in a close or in a sealed row is detected, and it is said which close and which customer."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import zstandard

from mrr.book import Book
from mrr.errors import MrrError
from mrr.journal import trouble
from mrr.policy import standard
from tests.bad_input.telling import body, told


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of three customers with two closed months. Tests mend what they damage."""
    folder = tmp_path_factory.mktemp("sealed") / "book"
    with Book.create(folder, policy=standard()) as book:
        book.append_bodies([body(told(name)) for name in ("one", "two", "three")], source="native")
        book.propose(author="ann", reason="as it is")
        for month in ("2025-02", "2025-03"):
            book.close_month(month=month, author="dana")
    return folder


@pytest.fixture
def journal(sealed: Path) -> Iterator[Path]:
    """Its journal; put back afterwards."""
    path = sealed / "journal.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = path.read_bytes()
    yield path
    path.write_bytes(whole)


def frame(path: Path, key: str) -> tuple[int, bytes]:
    """The seq and the compressed body of an entry."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT seq, body FROM entry WHERE key = ?", [key]).fetchone()  # type: ignore[no-any-return]


def rewrite(path: Path, seq: int, stored: bytes) -> None:
    """Put another body in the place of an entry's."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE entry SET body = ? WHERE seq = ?", [stored, seq])


FLIPS = {
    "close.rows/2025-02/1": "close 2025-02, customers native/one to native/two",
    "close.rows/2025-03/1": "close 2025-03, customers native/one to native/two",
    "close.sealed/2025-03": "the seal of close 2025-03",
    "policy.proposed/1": "the decision policy.proposed/1",
}


@pytest.mark.parametrize("key", FLIPS)
def test_a_flipped_byte_is_located(sealed: Path, journal: Path, key: str) -> None:
    seq, stored = frame(journal, key)
    rewrite(journal, seq, stored[:20] + bytes([stored[20] ^ 0xFF]) + stored[21:])
    with Book(sealed) as book:
        found = book.verify()
        assert (found.ok, found.chain, found.first_broken_seq, found.place) == (False, "broken", seq, FLIPS[key])
        if not key.startswith("close.rows"):
            with pytest.raises(trouble.JournalDamaged, match=f"entry {seq}"):
                book.rollforward(as_of="2025-05-01")
        elif "2025-03" in key:
            with pytest.raises(MrrError, match=f"entry {seq}|lost its rows native/one to native/two"):
                book.restate(month="2025-03")


def test_a_changed_figure_is_located_to_the_customer(sealed: Path, journal: Path) -> None:
    seq, stored = frame(journal, "close.rows/2025-03/1")
    plain = zstandard.ZstdDecompressor().decompress(stored)
    at = plain.index(b"20000000", plain.index(b"native/three"))
    forged = plain[:at] + b"90000000" + plain[at + 8 :]
    rewrite(journal, seq, zstandard.ZstdCompressor().compress(forged))
    with Book(sealed) as book:
        found = book.verify()
        assert (found.first_broken_seq, found.place) == (seq, "close 2025-03, customer native/three")
        with pytest.raises(MrrError, match="close 2025-03 has lost its rows native/one to native/two"):
            book.restate(month="2025-03")


def test_whole_again(sealed: Path) -> None:
    """What the tests above damaged was really put back, and it was the damage that they found."""
    with Book(sealed) as book:
        assert book.verify().ok
        assert book.verify().place is None
