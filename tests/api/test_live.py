"""Deliveries under load: they share commits, wait in a bounded line, and are told when there is no room."""

import asyncio
import json
from collections.abc import Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from mrr.book import Book
from mrr.live import Busy, Live
from mrr.policy import standard
from tests.api.conftest import told

T = TypeVar("T")


def _body(number: int) -> bytes:
    return json.dumps(told(f"c{number}", "2025-03-01T00:00:00Z", "10")).encode()


def _run(work: Coroutine[Any, Any, T]) -> T:
    """In a thread of its own, as another test of this process may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _book(folder: Path) -> Book:
    return Book.create(folder, policy=standard())


def test_what_arrives_together_shares_a_commit(tmp_path: Path) -> None:
    async def all_at_once(live: Live) -> None:
        async with live.running():
            await asyncio.gather(*(live.take("native", [_body(number)]) for number in range(200)))
            while live.posted is None or live.posted.seq < 200:
                await asyncio.sleep(0.05)

    with _book(tmp_path / "book") as book:
        _run(all_at_once(Live(book)))
        assert book.journal.head().seq == 200
        with book.journal.reading() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM receipt").scalar_one() < 20
        assert book.rollforward(as_of="2025-04-01").rows[-1].closing_micros == 2_000_000_000


def test_who_finds_the_line_full_is_told_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    async def too_many(live: Live) -> Iterable[object]:
        async with live.running():
            takes = [live.take("native", [_body(number)]) for number in range(50)]
            return await asyncio.gather(*takes, return_exceptions=True)

    with _book(tmp_path / "book") as book:
        ends = list(_run(too_many(Live(book, waiting=20))))
        assert [type(end) for end in ends] == [type(None)] * 20 + [Busy] * 30
        assert book.journal.head().seq == 20


def test_a_disk_that_takes_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    async def take(live: Live) -> None:
        async with live.running():
            await live.take("native", [_body(1)])

    with _book(tmp_path / "book") as book:
        monkeypatch.setattr(book, "keep", full)
        with pytest.raises(OSError, match="no space"):
            _run(take(Live(book)))
        assert book.journal.head().seq == 0


def test_a_ledger_that_stands_still_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> tuple[int, int]:
        raise RuntimeError("the warehouse is gone")

    async def wait(live: Live) -> str | None:
        async with live.running():
            await live.take("native", [_body(1)])
            while live.failure is None:
                await asyncio.sleep(0.01)
            return live.failure

    with _book(tmp_path / "book") as book:
        monkeypatch.setattr(book, "catch_up", broken)
        assert _run(wait(Live(book))) == "the warehouse is gone"
        assert book.journal.head().seq == 1
