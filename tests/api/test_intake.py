"""The intake as a process of its own: what it takes, what it gives back, and that nothing hangs on it."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from mrr.book import Book
from mrr.intake import passing
from mrr.intake.apart import SILENT_S
from mrr.intake.line import BODY_BYTES
from mrr.intake.window import HEAD_BYTES, Head
from tests.api.conftest import Service, begun, created, ended, has_intake_apart, patiently, signed


def _intakes(service: Service) -> list[int]:
    """The processes that a service has started."""
    parent = service.process.pid
    return [int(one) for one in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def _answered(service: Service) -> float:
    """How many deliveries were answered with 200, as the service itself counts."""
    with service.client("read") as client:
        lines = client.get("/metrics").text.splitlines()
    mine = 'mrr_answer_seconds_count{route="/webhooks/{source}",status="2xx"}'
    return sum(float(line.split()[-1]) for line in lines if line.startswith(mine))


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Service]:
    """A service whose intake is a process of its own."""
    running = begun(tmp_path / "book", workers="2")
    yield running
    ended(running.process)


def _post(client: httpx.Client, name: str) -> int:
    body = created(name)
    return client.post("/webhooks/stripe", content=body, headers={"Stripe-Signature": signed(body)}).status_code


def _hangs(service: Service, intake: int) -> bool:
    """Whether a delivery waits for a process that stands still."""
    os.kill(intake, signal.SIGSTOP)
    try:
        with service.client(None) as client:
            client.timeout = httpx.Timeout(1)
            _post(client, "waits")
            return False
    except httpx.ReadTimeout:
        return True
    finally:
        os.kill(intake, signal.SIGCONT)


def test_deliveries_are_taken_there_and_all_else_here(apart: Service) -> None:
    (intake,) = _intakes(apart)
    # On a busy machine it may just have been silent for too long to be sent anybody.
    patiently(lambda: _hangs(apart, intake))
    os.kill(intake, signal.SIGSTOP)
    try:
        with apart.client("read") as client:
            assert client.get("/v1/definition").status_code == 200
        time.sleep(SILENT_S + 1)
        with apart.client(None) as client:
            assert _post(client, "aside") == 200
    finally:
        os.kill(intake, signal.SIGCONT)
    with apart.client("read") as client:
        # One connection: it goes over and comes back each time, but for what follows within a second.
        for number in range(3):
            assert _post(client, f"there{number}") == 200
            assert client.get("/v1/definition").status_code == 200
    patiently(lambda: _answered(apart) >= 3)
    apart.ready(7)


def test_another_takes_its_place(apart: Service) -> None:
    (intake,) = _intakes(apart)
    os.kill(intake, signal.SIGKILL)
    with apart.client(None) as client:
        patiently(lambda: not has_intake_apart(apart))
        assert _post(client, "meanwhile") == 200
    patiently(lambda: has_intake_apart(apart))
    assert _intakes(apart) != [intake]
    with apart.client(None) as client:
        assert _post(client, "after") == 200
    with Book(apart.folder) as book:
        keys = {entry.key for page in book.journal.read() for entry in page}
    assert {"evt_meanwhile", "evt_after"} <= keys


def test_it_ends_with_whoever_started_it(tmp_path: Path) -> None:
    running = begun(tmp_path / "book", workers="2")
    (intake,) = _intakes(running)
    running.process.kill()
    running.process.communicate()
    patiently(lambda: not Path(f"/proc/{intake}").exists(), 15)


def test_who_is_silent_or_slow_is_left(apart: Service) -> None:
    address = urlsplit(apart.url)
    at = address.hostname or "", address.port or 80
    with socket.create_connection(at, timeout=40) as slow, socket.create_connection(at, timeout=40) as silent:
        silent.sendall(b"POST /webhooks/stri")
        head = b"POST /webhooks/stripe HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n{"
        slow.sendall(head)
        assert slow.recv(4096).startswith(b"HTTP/1.1 408 ")
        assert slow.recv(1) == b""
        assert silent.recv(4096) == b""


def _head(*lines: str, first: str = "POST /webhooks/stripe HTTP/1.1") -> Head:
    return Head("\r\n".join([first, "Host: here", *lines, "", ""]).encode())


def test_what_is_a_plain_delivery() -> None:
    length = f"Content-Length: {BODY_BYTES}"
    head = _head(length, "X-Twice: one", "x-twice: two")
    assert (head.is_plain, head.path, head.length, head.keeps_alive) == (True, b"/webhooks/stripe", BODY_BYTES, True)
    assert head.headers["x-twice"] == "one"
    assert not _head(length, "Connection: close").keeps_alive
    assert not _head("Content-Length: 0", "Connection: close").keeps_alive
    others = [
        _head(),
        _head(f"Content-Length: {BODY_BYTES + 1}"),
        _head("Content-Length: 999999999"),
        _head("Transfer-Encoding: chunked"),
        *(_head(length, f"{name}: x") for name in ("Expect", "Origin", "Sec-Fetch-Site", "Upgrade")),
        _head(length, first="PUT /webhooks/stripe HTTP/1.1"),
        _head(length, first="POST /webhooks/stripe HTTP/1.0"),
    ]
    assert [other.is_plain for other in others] == [False] * len(others)


def test_all_that_was_heard_fits_a_message() -> None:
    """Else a connection could not be given back."""
    here, there = passing.pair()
    with here, there:
        assert passing.say(here, b"x" * passing.MOST)
        heard = passing.hear(there)
        assert heard is not None
        assert len(heard.said) == passing.MOST
    assert HEAD_BYTES + BODY_BYTES + passing.AT_ONCE < passing.MOST
    assert not passing.say(here, b"nobody")
