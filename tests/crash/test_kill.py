"""kill -9 at each named point: what was acknowledged is there, the next command goes on, and the ledger is the same."""

import signal
from pathlib import Path

import pytest

from mrr.book import Book
from mrr.derivation import ingest
from mrr.faults import POINTS
from mrr.policy import standard
from tests.bad_input.telling import body, priced, told

from .processes import answer, started

FIRST = [told(f"c{n}") for n in range(40)]
# A later fact of some who are there, and somebody new: what an incremental posting takes in.
LATER = [priced(f"c{n}", unit_amount="15.00") | {"key": f"later {n}", "effective_at": "2025-03-10"} for n in range(5)]
LATER += [told("new")]
# Before the point, the batch is not in the journal; behind it, it is.
LOST = ("before append commit",)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book with nothing in it but one acknowledged entry, and no ledger yet."""
    with Book.create(tmp_path / "book", policy=standard()) as opened:
        ingest.append(opened.journal, "native", [body(told("acknowledged"))], now=lambda: 0)
    return tmp_path / "book"


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


@pytest.fixture(scope="module")
def digests(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str | None]:
    """The digest of a ledger that was built once and in peace, by how many entries there are."""
    folder, acknowledged = tmp_path_factory.mktemp("fresh"), told("acknowledged")
    found = {}
    for facts in ([acknowledged], [acknowledged, *FIRST], [acknowledged, *FIRST, *LATER]):
        with Book.create(folder / str(len(facts)), policy=standard()) as opened:
            opened.append_bodies([body(fact) for fact in facts], source="native")
            found[len(facts)] = opened.verify().ledger_digest
    return found


def recovered(book: Path, survivors: int, digests: dict[int, str | None]) -> None:
    """The book has every entry, and the ledger that a fresh book has."""
    with Book(book) as opened:
        found = opened.verify()
    assert found.ok
    assert found.entries == survivors
    assert found.ledger_digest == digests[survivors]


@pytest.mark.parametrize("fault", POINTS)
def test_during_a_first_build(book: Path, fault: str, digests: dict[int, str | None]) -> None:
    file = file_of(book, "first.jsonl", FIRST)
    words = ("import", "--book", book, "--as", "native", file)
    killed(*words, fault=fault)
    recovered(book, 1 if fault in LOST else 41, digests)
    again = answer(*words)
    assert again["decoded" if fault in LOST else "duplicates"] == again["entries"] == 40
    recovered(book, 41, digests)
    assert not list(book.glob("*.new*"))


@pytest.mark.parametrize("fault", [point for point in POINTS if not point.endswith("rename")])
def test_during_an_incremental_import(book: Path, fault: str, digests: dict[int, str | None]) -> None:
    with Book(book) as opened:
        opened.append_bodies([body(fact) for fact in FIRST], source="native")
    words = ("import", "--book", book, "--as", "native", file_of(book, "later.jsonl", LATER))
    killed(*words, fault=fault)
    recovered(book, 41 if fault in LOST else 47, digests)
    with Book(book) as opened:
        opened.append_bodies([body(fact) for fact in LATER], source="native")
    recovered(book, 47, digests)


@pytest.mark.parametrize("fault", ["mid facts", "before commit", "before rename", "after rename"])
def test_during_a_build_of_a_ledger_that_stands(book: Path, fault: str) -> None:
    with Book(book) as opened:
        digest = opened.verify().ledger_digest
    killed("build", "--book", book, fault=fault)
    with Book(book) as opened:
        found = opened.verify()
        assert found.ok
        assert found.ledger_digest == digest
        assert opened.build().ledger_digest == digest
    assert not list(book.glob("*.new*"))
