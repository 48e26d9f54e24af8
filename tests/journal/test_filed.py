"""Entries as people look for them: found by each word and page by page, opened, read once more."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mrr.book import Book
from mrr.derivation import derive
from mrr.errors import WrongUse
from mrr.policy import standard
from tests.api.conftest import told

UNREADABLE = b'{"fact": "subscription", "items": 12}'


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """Two customers, one of whom changes, and a body that nobody can read."""
    with Book.create(tmp_path / "book", policy=standard()) as made:
        facts = [("acme", "2025-01-10", "100"), ("beta", "2025-01-20", "70"), ("acme", "2025-03-01", "150")]
        bodies = [json.dumps(told(name, f"{day}T00:00:00Z", amount)).encode() for name, day, amount in facts]
        made.append_bodies([*bodies, UNREADABLE], source="native", note="facts.jsonl")
        yield made


@pytest.mark.parametrize(
    ("words", "seqs"),
    [
        ({}, [4, 3, 2, 1]),
        ({"text": "S-acme"}, [3, 1]),
        ({"customer": "beta"}, [2]),
        ({"customer": "native/beta"}, [2]),
        ({"customer": "bet"}, []),
        ({"outcome": "quarantined"}, [4]),
        ({"source": "native", "kind": "subscription", "outcome": "decoded"}, [3, 2, 1]),
        ({"source": "nat"}, []),
        ({"last": "2020"}, []),
        ({"first": "2020"}, [4, 3, 2, 1]),
    ],
)
def test_every_word_narrows_what_is_found(book: Book, words: dict[str, Any], seqs: list[int]) -> None:
    found = book.entries(**words)
    assert [row.seq for row in found.rows] == seqs
    assert found.matching == len(seqs)


def test_pages_follow_one_another_to_the_first_entry(book: Book) -> None:
    first = book.entries(limit=3)
    assert ([row.seq for row in first.rows], first.before) == ([4, 3, 2], 2)
    second = book.entries(limit=3, before=first.before)
    assert ([row.seq for row in second.rows], second.before, second.matching) == ([1], None, 4)
    behind = book.entries(before=1)
    assert (behind.rows, behind.matching) == ([], 4)


def test_what_is_no_outcome_or_no_entry_is_said(book: Book) -> None:
    with pytest.raises(WrongUse, match="'lost' is no outcome"):
        book.entries(outcome="lost")
    for seq in (0, 5):
        with pytest.raises(WrongUse, match=f"there is no entry {seq}"):
            book.entry(seq=seq)


def test_an_entry_tells_what_it_said_and_what_began_by_it(book: Book) -> None:
    found = book.entry(seq=3)
    assert json.loads(found.body) == told("acme", "2025-03-01T00:00:00Z", "150")
    assert found.facts[0].values["customer"] == "acme"
    (moved,) = found.moved
    assert (moved.class_, moved.amount_micros, str(moved.on)) == ("expansion", 50_000_000, "2025-03-01")
    unread = book.entry(seq=4)
    assert (unread.body.encode(), unread.facts, unread.moved) == (UNREADABLE, [], [])
    assert unread.filed.reason


def test_an_edit_shows_with_the_entry_that_it_bears_on(book: Book) -> None:
    edit = book.correct(entry=2, author="mara", reason="a typo", changes={"items.0.offer.unit_amount": "80"})
    assert [one.seq for one in book.entry(seq=2).edits] == [edit.seq]
    assert [one.seq for one in book.entry(seq=edit.seq).edits] == [edit.seq]
    assert book.entry(seq=2).facts[0].values["items.0.offer.unit_amount"] == "80"


def test_a_retry_posts_what_can_be_read_now_and_tells_what_still_cannot(book: Book) -> None:
    def fails(source: str) -> Any:
        raise MemoryError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(derive, "of_source", fails)
        book.append_bodies([json.dumps(told("late", "2025-02-10T00:00:00Z", "40")).encode()], source="native")
    assert [one.seq for one in book.quarantine()] == [4, 5]
    with pytest.raises(WrongUse, match="entry 1 is not in quarantine"):
        book.retry(entries=[1])
    assert book.retry(entries=[4]).read == []
    found = book.retry()
    assert (found.tried, found.read, [one.seq for one in found.still]) == (2, [5], [4])
    assert [one.seq for one in book.quarantine()] == [4]
    (row,) = book.customers(customer="late").rows
    assert row.mrr_micros == 40_000_000
    assert book.verify().ok


def test_receipts_are_told_the_latest_first(book: Book) -> None:
    book.append_bodies([UNREADABLE], source="native")
    latest, first = book.receipts()
    assert (latest.offered, latest.appended, latest.duplicates) == (1, 0, 1)
    assert (first.note, first.offered, first.appended) == ("facts.jsonl", 4, 4)
    assert book.receipts(before=latest.receipt_id) == [first]
