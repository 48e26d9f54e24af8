"""Reports beside postings: each of one state, told once, and none of them in the way of what posts."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mrr import keeper
from mrr.book import Book
from mrr.derivation import posting
from mrr.policy import standard
from mrr.readers import Alone, Answers, Readers, State

AS_OF = "2025-04-01"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """A served book of one customer."""
    with Book.create(tmp_path / "book", policy=standard()) as made:
        made.serve()
        keep(made, 0)
        made.catch_up()
        yield made


def keep(book: Book, number: int) -> None:
    """One more customer who pays 10 a month; nothing is posted."""
    item = {"item": f"i{number}", "product": "pro", "price": "p", "unit_amount": "10", "interval": "month"}
    fact = {"fact": "subscription", "status": "active", "currency": "USD", "customer": f"c{number}"}
    dated = {"subscription": f"S{number}", "effective_at": "2025-03-01T00:00:00Z", "items": [item]}
    book.keep([json.dumps(fact | dated).encode()], source="native")


def test_a_report_is_answered_while_a_posting_is_under_way(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()
    post = posting.post

    def slow(*words: Any, **limits: Any) -> int:
        with posting.transaction(words[0]):
            words[0].execute("DELETE FROM ledger.movement")
            begun.set()
            assert go_on.wait(30)
        return post(*words, **limits)

    keep(book, 1)
    with ThreadPoolExecutor(1) as other:
        monkeypatch.setattr(posting, "post", slow)
        posted = other.submit(book.catch_up)
        assert begun.wait(30)
        monkeypatch.setattr(posting, "post", post)
        try:
            assert book.rollforward(as_of=AS_OF).definition.known_at_seq == 1
            assert len(book.movements(as_of=AS_OF).rows) == 1
        finally:
            go_on.set()
        assert posted.result(30)[0] == 2
    book.build()
    assert book.rollforward(as_of=AS_OF).rows[-1].closing_micros == 20_000_000


def test_every_answer_is_of_one_state(book: Book) -> None:
    digests: dict[int, set[str]] = {}
    over = threading.Event()

    def ask(by: str | None) -> int:
        asked = 0
        while not over.is_set():
            found = book.rollforward(as_of=AS_OF, by=by)
            seq = found.definition.known_at_seq
            digests.setdefault(seq, set()).add(found.definition.ledger_digest)
            assert found.rows[-1].closing_micros == 10_000_000 * seq
            asked += 1
        return asked

    with ThreadPoolExecutor(2) as askers:
        asking = [askers.submit(ask, by) for by in (None, "plan")]
        try:
            for number in range(1, 9):
                keep(book, number)
                book.catch_up()
        finally:
            over.set()
        assert all(one.result(30) > 1 for one in asking)
    assert len(digests) > 1
    assert all(len(same) == 1 for same in digests.values())
    assert posting.told_digest(book.ledger()) == posting.ledger_digest(book.ledger())


def test_an_answer_is_told_again_until_the_ledger_goes_on(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "SAME_MOMENT", timedelta(hours=1))
    first = book.rollforward(as_of=AS_OF)
    assert book.rollforward(as_of=AS_OF) is first
    assert book.rollforward(as_of=AS_OF, by="plan") is not first
    keep(book, 1)
    assert book.rollforward(as_of=AS_OF) is first
    book.catch_up()
    assert book.rollforward(as_of=AS_OF).rows[-1].closing_micros == 20_000_000


def test_another_ledger_is_answered_in_turn(book: Book) -> None:
    keep(book, 1)
    with book.on("now@seq:1"):
        assert book.rollforward(as_of=AS_OF).rows[-1].closing_micros == 10_000_000


def test_readers_that_are_closed_take_nobody_in(book: Book) -> None:
    readers = Readers(book.ledger())
    with readers.reading(book.policy, datetime(2025, 4, 1)) as reading:
        assert reading.seq == 1
    readers.close()
    with pytest.raises(Alone), readers.reading(book.policy, datetime(2025, 4, 1)):
        pass


def test_an_answer_that_fails_is_not_kept() -> None:
    answers, state = Answers(), State(1, datetime(2025, 1, 1), "")
    told: Iterator[Exception | int] = iter([ValueError("no"), 7])

    def make() -> int:
        answer = next(told)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(ValueError, match="no"):
        answers.told(state, "question", make)
    assert answers.told(state, "question", make) == 7
    assert answers.told(state, "question", make) == 7
