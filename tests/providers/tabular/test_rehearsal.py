"""A rehearsal tells what the import then does, and leaves no trace."""

import hashlib
from pathlib import Path

from mrr.answers import TableRehearsal
from mrr.book import Book

from .tables import OBSERVED, imported

HEADER = "subscription_id,customer,start,end,mrr\n"
FIRST = HEADER + "S,ann,2024-01-01,,50\nT,bob,2024-01-01,,20\n"
SECOND = HEADER + "S,ann,2024-01-01,2024-06-01,50\nU,cid,2024-02-01,,30\nT,bob,2024-01-01,,20\n"


def rehearsed(book: Book, folder: Path, content: str, mapping: str = "") -> TableRehearsal:
    """What importing a table would do."""
    (folder / "next.csv").write_text(content)
    (folder / "next.toml").write_text(mapping)
    return book.rehearse_table(str(folder / "next.csv"), mapping=str(folder / "next.toml"), observed_at=OBSERVED)


def test_what_is_told_is_what_happens(tmp_path: Path) -> None:
    book, _ = imported(tmp_path, FIRST)
    with book:
        change = rehearsed(book, tmp_path, SECOND).change
        assert (change.offered, change.duplicates) == (4, 2)
        assert change.outcomes == {"decoded": 2}
        assert change.facts == {"subscription_fact": 3}
        told = {row.class_: (row.added, row.removed, row.amount_micros) for row in change.changes}
        assert told == {"churn": (1, 0, -50_000_000), "new": (1, 0, 30_000_000)}
        assert (change.mrr_before_micros, change.mrr_after_micros) == (70_000_000, 50_000_000)
        done = book.append_table(str(tmp_path / "next.csv"), observed_at=OBSERVED)
        assert (done.counts.decoded, done.counts.duplicates) == (2, 2)
        assert book.rollforward(as_of=OBSERVED).rows[-1].closing_micros == change.mrr_after_micros
        assert rehearsed(book, tmp_path, SECOND).change.changes == []


def test_it_leaves_no_trace(tmp_path: Path) -> None:
    book, _ = imported(tmp_path, FIRST)
    with book:
        before = (book.verify(), journal(tmp_path))
        for _ in range(2):
            rehearsed(book, tmp_path, SECOND)
        assert (book.verify(), journal(tmp_path)) == before


def journal(folder: Path) -> str:
    """The digest of the journal's file, with what is not yet merged into it."""
    parts = sorted((folder / "book").glob("journal.sqlite*"))
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts if not part.name.endswith("-shm"))).hexdigest()


def test_a_movement_that_changes_is_taken_away_and_added(tmp_path: Path) -> None:
    book, _ = imported(tmp_path, FIRST)
    with book:
        change = rehearsed(book, tmp_path, "subscription_id,customer,start,mrr\nV,ann,2024-01-01,5\n").change
        assert [(row.class_, row.added, row.removed, row.amount_micros) for row in change.changes] == [
            ("new", 1, 1, 5_000_000)
        ]


def test_rows_that_cannot_be_read_are_listed(tmp_path: Path) -> None:
    book, _ = imported(tmp_path, FIRST)
    text = "customer,start,mrr\nann,2024-13-01,5\ncid,2024-01-01,five\ndan,2024-01-01,9\n"
    with book:
        found = rehearsed(book, tmp_path, text)
        assert found.refused
        assert found.read.troubles == [
            "row 2, column start: no such day: '2024-13-01'",
            "row 3, column mrr: no amount: 'five'",
        ]
        assert found.change.mrr_after_micros == 79_000_000
        lenient = rehearsed(book, tmp_path, text, 'unreadable = "quarantine"')
        assert (lenient.refused, lenient.change.outcomes) == (False, {"decoded": 1, "irrelevant": 1, "quarantined": 2})


def test_rows_may_go_to_quarantine(tmp_path: Path) -> None:
    text = "customer,start,mrr\nann,2024-13-01,5\ncid,2024-01-01,7\n"
    book, done = imported(tmp_path, text, 'unreadable = "quarantine"')
    with book:
        assert (done.counts.decoded, done.counts.quarantined) == (1, 1)
        assert [entry.reason for entry in book.quarantine()] == ["start: no such day: '2024-13-01'"]
        assert book.rollforward(as_of=OBSERVED).rows[-1].closing_micros == 7_000_000
