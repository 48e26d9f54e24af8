"""Several processes on one book: an owner that is killed is followed at once, and nobody fails on a lock."""

import json
import signal
import time
from pathlib import Path

import pytest

from mrr.book import Book
from mrr.policy import standard
from tests.bad_input.telling import body, told

from .processes import answer, fresh_digest, running, started

_OWNER = """
import sys, time
from pathlib import Path
from mrr.book import Book
book = Book(Path(sys.argv[1]))
book.verify()
print("owns it", flush=True)
time.sleep(600)
"""
_SLOW_OWNER = """
import sys, time
from pathlib import Path
from mrr.derivation import posting
from mrr.book import Book
book = Book(Path(sys.argv[1]))
book.verify()
def slow(*_, **__):
    print("is asked", flush=True)
    time.sleep(600)
posting.post = slow
print("owns it", flush=True)
time.sleep(600)
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book with a ledger of three customers."""
    with Book.create(tmp_path / "book", policy=standard()) as opened:
        opened.append_bodies([body(told(f"c{n}")) for n in range(3)], source="native")
    return tmp_path / "book"


def test_a_killed_owner_is_followed_at_once(book: Path) -> None:
    owner = running(_OWNER, book)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "owns it\n"
    assert (book / "owner.sock").exists()
    with Book(book) as other:
        # Answered by the owner, so this process has no warehouse of its own.
        assert other.verify().entries == 3
        assert other._warehouse is None
        owner.send_signal(signal.SIGKILL)
        owner.communicate(timeout=60)
        assert (book / "owner.sock").exists()
        asked_at = time.monotonic()
        assert other.append_bodies([body(told("c3"))], source="native").decoded == 1
        assert time.monotonic() - asked_at < 10
        assert other._warehouse is not None
        digest = other.verify().ledger_digest
    assert digest == fresh_digest(book, book.parent / "fresh")


def test_an_owner_that_is_killed_while_it_answers(book: Path) -> None:
    owner = running(_SLOW_OWNER, book)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "owns it\n"
    asking = started("rollforward", "--book", book, "--as-of", "2025-06-01", "--json")
    assert owner.stdout.readline() == "is asked\n"
    owner.send_signal(signal.SIGKILL)
    owner.communicate(timeout=60)
    out, err = asking.communicate(timeout=60)
    assert (asking.returncode, err) == (0, "")
    assert json.loads(out)["rows"][-1]["closing_micros"] == 60_000_000


def test_two_imports_while_others_ask(book: Path) -> None:
    files = [book.parent / "a.jsonl", book.parent / "b.jsonl"]
    for name, file in zip("ab", files, strict=True):
        file.write_bytes(b"\n".join(body(told(f"{name}{n}")) for n in range(60)))
    asked = ("rollforward", "--book", book, "--as-of", "2025-06-01", "--json")
    imports = [started("import", "--book", book, "--as", "native", file, "--json") for file in files]
    closings = [answer(*asked[:-1])["rows"][-1]["closing_micros"] for _ in range(3)]
    for process in imports:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        assert json.loads(out)["decoded"] == 60
    # An import is posted whole or not at all.
    assert all(closing in (60_000_000, 1_260_000_000, 2_460_000_000) for closing in closings)
    found = answer("verify", "--book", book)
    assert (found["adds_up"], found["entries"]) == (True, 123)
    assert answer(*asked[:-1])["rows"][-1]["closing_micros"] == 2_460_000_000
    assert found["ledger_digest"] == fresh_digest(book, book.parent / "fresh")
    assert answer("build", "--book", book)["ledger_digest"] == found["ledger_digest"]
