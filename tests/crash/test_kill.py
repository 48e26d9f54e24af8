"""kill -9 at each named point: what was acknowledged is there, the next command goes on, and the ledger is the same."""

import signal
from pathlib import Path

import pytest

from mrr.book import Book
from mrr.faults import POINTS
from mrr.policy import standard
from tests.bad_input.telling import body, priced, told

from .processes import answer, fresh_digest, started

FIRST = [told(f"c{n}") for n in range(40)]
# A later fact of some who are there, and somebody new: what an incremental posting takes in.
LATER = [priced(f"c{n}", unit_amount="15.00") | {"key": f"later {n}", "effective_at": "2025-03-10"} for n in range(5)]
LATER += [told("new")]
# Before the point, the batch is not in the journal; behind it, it is.
LOST = ("before append commit",)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book with nothing in it but one acknowledged entry, and no ledger yet."""
    folder = tmp_path / "book"
    Book.create(folder, policy=standard()).close()
    with Book(folder) as opened:
        opened.append_bodies([body(told("acknowledged"))], source="native")
    for path in folder.glob("warehouse*"):
        path.unlink()
    return folder


def file_of(book: Path, name: str, facts: list[dict[str, object]]) -> Path:
    """A file with these facts."""
    path = book.parent / name
    path.write_bytes(b"\n".join(body(fact) for fact in facts))
    return path


def killed(*words: object, fault: str) -> None:
    """Run a command that dies at the point."""
    process = started(*words, fault=fault)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert out == ""


def recovered(book: Path, survivors: int) -> None:
    """The next commands of the book find every entry and the ledger that a fresh book would have."""
    found = answer("verify", "--book", book)
    assert found["adds_up"]
    assert (found["chain"], found["entries"]) == ("ok", survivors)
    assert found["ledger_digest"] == fresh_digest(book, book.parent / f"fresh {survivors}")


@pytest.mark.parametrize("fault", POINTS)
def test_during_a_first_build(book: Path, fault: str) -> None:
    file = file_of(book, "first.jsonl", FIRST)
    words = ("import", "--book", book, "--as", "native", file)
    killed(*words, fault=fault)
    recovered(book, 1 if fault in LOST else 41)
    again = answer(*words)
    assert again["decoded" if fault in LOST else "duplicates"] == again["entries"] == 40
    recovered(book, 41)
    assert not list(book.glob("*.new*"))


@pytest.mark.parametrize("fault", [point for point in POINTS if not point.endswith("rename")])
def test_during_an_incremental_import(book: Path, fault: str) -> None:
    with Book(book) as opened:
        opened.append_bodies([body(fact) for fact in FIRST], source="native")
    words = ("import", "--book", book, "--as", "native", file_of(book, "later.jsonl", LATER))
    killed(*words, fault=fault)
    recovered(book, 41 if fault in LOST else 47)
    answer(*words)
    recovered(book, 47)


@pytest.mark.parametrize("fault", ["mid facts", "before commit", "before rename", "after rename"])
def test_during_a_build_of_a_ledger_that_stands(book: Path, fault: str) -> None:
    with Book(book) as opened:
        digest = opened.verify().ledger_digest
    killed("build", "--book", book, fault=fault)
    found = answer("verify", "--book", book)
    assert found["ledger_digest"] == digest
    assert found["adds_up"]
    assert answer("build", "--book", book)["ledger_digest"] == digest
    assert not list(book.glob("*.new*"))
