"""Deliveries under load: they share commits, wait in a bounded line, and are told when there is no room."""

import asyncio
import json
import os
import random
import socket
import subprocess
import threading
import time
from collections.abc import Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from mrr.api.connection import Connection
from mrr.book import Book
from mrr.intake.line import Busy
from mrr.live import Live
from mrr.policy import standard
from tests.api.conftest import SECRET, made, signed, started, told

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


def test_a_storm_ends_with_everything_that_was_acknowledged_posted(tmp_path: Path) -> None:
    async def until_taken(live: Live, number: int) -> int:
        for refused in range(200):
            try:
                await live.take("native", [_body(number)])
            except Busy:
                await asyncio.sleep(random.Random(number).uniform(0.01, 0.1))
            else:
                return refused
        raise AssertionError("never taken")

    async def storm(live: Live) -> list[int]:
        async with live.running():
            refused = await asyncio.gather(*(until_taken(live, number) for number in range(300)))
            assert live.queued <= 30
            while live.posted is None or live.posted.seq < 300:
                await asyncio.sleep(0.05)
        return refused

    with _book(tmp_path / "book") as book:
        assert sum(_run(storm(Live(book, waiting=30)))) >= 270
        assert book.rollforward(as_of="2025-04-01").rows[-1].closing_micros == 3_000_000_000
        assert book.verify().ok


@pytest.fixture
def impatient() -> Iterator[int]:
    """The port of a server whose connections may be silent for a second."""

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    with socket.create_server(("127.0.0.1", 0)) as place:
        config = uvicorn.Config(answer, http=Connection, timeout_keep_alive=1, lifespan="off", log_level="warning")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [place]})
        thread.start()
        yield place.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("before", [b"", b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"], ids=["the first", "a later one"])
def test_who_trickles_the_head_of_a_request_is_cut_off(impatient: int, before: bytes) -> None:
    with socket.create_connection(("127.0.0.1", impatient), timeout=20) as peer:
        if before:
            peer.sendall(before)
            assert peer.recv(4096).startswith(b"HTTP/1.1 200")
        peer.sendall(b"GET / HTTP/1.1\r\nHo")
        began = time.monotonic()
        with pytest.raises((BrokenPipeError, ConnectionResetError)):  # noqa: PT012 - some send is the first that fails
            while time.monotonic() - began < 15:
                time.sleep(0.2)
                peer.sendall(b"s")
                peer.sendall(b"t")
        assert time.monotonic() - began < 15


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        made(disk / "book")
        acknowledged, refused = _until_full(disk)
        assert acknowledged
        assert refused
        with Book(disk / "book") as book:
            assert {entry.key for page in book.journal.read() for entry in page} >= acknowledged
            found = book.verify()
            assert found.ok
            assert book.build().ledger_digest == found.ledger_digest
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def _until_full(disk: Path) -> tuple[set[str], int]:
    """Deliver to a service until its disk is full, then make room and go on; what was acknowledged, and refusals."""
    process, url = started(disk / "book")
    acknowledged, refused, ballast = set[str](), 0, disk / "ballast"
    with httpx.Client(base_url=url, timeout=60) as client:
        for number in range(60):
            if number == 10:
                room = os.statvfs(disk)
                ballast.write_bytes(bytes(room.f_bavail * room.f_frsize - 150_000))
            if number == 40:
                ballast.unlink()
            body = _event(f"evt_{number}", os.urandom(5_000).hex())
            answer = client.post("/webhooks/stripe", content=body, headers={"Stripe-Signature": signed(body, SECRET)})
            acknowledged |= {f"evt_{number}"} if answer.status_code == 200 else set()
            refused += answer.status_code >= 500
        while client.get("/ready").status_code != 200:
            time.sleep(0.2)
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 0
    return acknowledged, refused


def _event(name: str, note: str) -> bytes:
    subscription = {"id": "sub_1", "object": "charge", "customer": "cus_1", "description": note}
    event = {"id": name, "object": "event", "type": "charge.updated", "created": 1_735_689_600, "livemode": True}
    return json.dumps({**event, "data": {"object": subscription}}).encode()
