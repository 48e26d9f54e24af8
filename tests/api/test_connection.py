"""A connection takes whole deliveries by itself: however they arrive, and in the words of the route."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mrr.api.straight import Straight
from mrr.api.telemetry import Telemetry
from mrr.book import Book
from mrr.intake.line import BODY_BYTES
from mrr.live import Live
from mrr.policy import standard
from tests.api.conftest import Service, begun, created, ended, signed

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture(scope="module", params=["1", "2"], ids=["one process", "an intake of its own"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that is one process, and one whose intake is another."""
    running = begun(tmp_path_factory.mktemp("served") / "book", request.param)
    yield running
    ended(running.process)


def _event(number: int) -> bytes:
    return created(f"w{number}")


def _delivery(
    body: bytes, signature: str | None = None, *more: str, path: str = "stripe", version: str = "1.1"
) -> bytes:
    lines = [f"POST /webhooks/{path} HTTP/{version}", "Host: here", f"Stripe-Signature: {signature or signed(body)}"]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", *more, "", ""]).encode() + body


def _chunked(body: bytes, signature: str | None = None, *more: str, path: str = "stripe") -> bytes:
    """The same as a request whose length is not told, which goes by the routes."""
    lines = [f"POST /webhooks/{path} HTTP/1.1", "Host: here", f"Stripe-Signature: {signature or signed(body)}"]
    head = "\r\n".join([*lines, "Transfer-Encoding: chunked", *more, "", ""]).encode()
    return head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


@contextmanager
def _connected(service: Service) -> Iterator[socket.socket]:
    address = urlsplit(service.url)
    assert address.hostname is not None
    with socket.create_connection((address.hostname, address.port or 80), timeout=60) as connection:
        yield connection


def _answers(connection: socket.socket, count: int) -> list[Answer]:
    """So many answers, as they follow each other on a connection."""
    told: list[Answer] = []
    heard = b""
    while len(told) < count:
        head, end, rest = heard.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        size = int(headers.get("content-length", 0))
        if end and len(rest) >= size:
            told.append((int(first.split()[1]), headers, rest[:size]))
            heard = rest[size:]
        else:
            more = connection.recv(65_536)
            assert more, heard
            heard += more
    return told


def _kept(service: Service, *numbers: int) -> list[bool]:
    with Book(service.folder) as book:
        keys = {entry.key for page in book.journal.read() for entry in page}
    return [f"evt_w{number}" in keys for number in numbers]


def test_a_delivery_in_pieces(service: Service) -> None:
    sent = _delivery(_event(1))
    with _connected(service) as connection:
        for start in range(0, len(sent), 97):
            connection.sendall(sent[start : start + 97])
            time.sleep(0.01)
        assert [status for status, *_ in _answers(connection, 1)] == [200]
    assert _kept(service, 1) == [True]


def test_deliveries_that_do_not_wait_for_their_answers(service: Service) -> None:
    health = b"GET /health HTTP/1.1\r\nHost: here\r\n\r\n"
    refused = _delivery(_event(4), signed(_event(5)))
    sent = _delivery(_event(2)) + health + refused + _delivery(_event(3)) + health
    with _connected(service) as connection:
        connection.sendall(sent)
        told = _answers(connection, 5)
    assert [status for status, *_ in told] == [200, 200, 400, 200, 200]
    assert [body == b'{"received":true}' for *_, body in told] == [True, False, False, True, False]
    assert _kept(service, 2, 3, 4) == [True, True, False]


def test_many_deliveries_that_do_not_wait(service: Service) -> None:
    """More than are read at once: what takes them reads no further than it has answered, and loses none."""
    sent = b"".join(_delivery(_event(number)) for number in range(100, 600))
    with _connected(service) as connection:
        connection.setblocking(True)
        threading.Thread(target=connection.sendall, args=(sent,), daemon=True).start()
        assert [status for status, *_ in _answers(connection, 500)] == [200] * 500
    assert all(_kept(service, *range(100, 600)))


def test_a_large_body_in_few_pieces(service: Service) -> None:
    """The last piece of a body is no head, however long it is."""
    sent = _delivery(_event(10) + b" " * 300_000)
    head, _, body = sent.partition(b"\r\n\r\n")
    with _connected(service) as connection:
        connection.sendall(head + b"\r\n\r\n")
        time.sleep(0.2)
        connection.sendall(body)
        assert [status for status, *_ in _answers(connection, 1)] == [200]
    assert _kept(service, 10) == [True]


def test_what_looks_like_a_delivery_within_a_head(service: Service) -> None:
    with _connected(service) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: here\r\n\r\nGET /health HTTP/1.1\r\nX: ")
        _answers(connection, 1)
        connection.sendall(b"POST /webhooks/stripe HTTP/1.1\r\nHost: here\r\n\r\n")
        ((status, _, body),) = _answers(connection, 1)
    assert (status, body) == (200, b'{"status":"ok"}')


@pytest.mark.parametrize(("more", "version"), [(["Connection: close"], "1.1"), ([], "1.0")])
def test_a_connection_ends_where_it_should(service: Service, more: list[str], version: str) -> None:
    with _connected(service) as connection:
        connection.sendall(_delivery(_event(6), None, *more, version=version))
        ((status, headers, _),) = _answers(connection, 1)
        assert (status, headers["connection"]) == (200, "close")
        assert connection.recv(1) == b""


def test_who_is_gone_before_the_end_leaves_nothing(service: Service) -> None:
    sent = _delivery(_event(7))
    with _connected(service) as connection:
        connection.sendall(sent[:-5])
        time.sleep(0.1)
    with _connected(service) as connection:
        connection.sendall(_delivery(_event(8)))
        assert [status for status, *_ in _answers(connection, 1)] == [200]
    assert _kept(service, 7, 8) == [False, True]


SAID: dict[str, tuple[str | None, list[str], str]] = {
    "taken": (None, [], "stripe"),
    "forged": ("t=1,v1=00", [], "stripe"),
    "a source without a secret": (None, [], "stripe:eu"),
    "a source that nobody knows": (None, [], "nobody"),
    "behind a proxy that ends TLS": (None, ["X-Forwarded-Proto: https"], "stripe"),
    "another site": (None, ["Origin: https://elsewhere.example"], "stripe"),
    "a site that is none": (None, ["Origin: http://["], "stripe"),
    "a token in the path": (None, [], "mrr_" + "a" * 43),
    "a query": (None, [], "stripe?x=1"),
    "a path with a name in it": (None, [], "%73tripe"),
    "no source": (None, [], ""),
    "a place below": (None, [], "stripe/more"),
}


@pytest.mark.parametrize("why", SAID)
def test_both_ways_say_the_same(service: Service, why: str) -> None:
    signature, more, path = SAID[why]
    told = []
    for made in (_delivery, _chunked):
        with _connected(service) as connection:
            connection.sendall(made(_event(9), signature, *more, path=path))
            ((status, headers, body),) = _answers(connection, 1)
        told.append((status, {name: value for name, value in headers.items() if name != "date"}, body))
    assert told[0] == told[1]


def test_which_deliveries_go_straight(tmp_path: Path) -> None:
    """Without this both ways could be the same one."""
    length = (b"content-length", b"2")
    plain = {"type": "http", "method": "POST", "path": "/webhooks/stripe", "headers": [length]}
    others: list[dict[str, Any]] = [
        {"method": "GET"},
        {"path": "/v1/events"},
        {"path": "/webhooks/stripe/more"},
        {"headers": []},
        {"headers": [(b"content-length", str(BODY_BYTES + 1).encode())]},
        {"headers": [length, (b"transfer-encoding", b"chunked")]},
        {"headers": [length, (b"expect", b"100-continue")]},
        {"headers": [length, (b"origin", b"https://elsewhere.example")]},
    ]
    with Book.create(tmp_path / "book", policy=standard()) as book:
        straight = Straight(Telemetry(Live(book)))
        assert straight.source(plain) == "stripe"
        assert [straight.source({**plain, **other}) for other in others] == [None] * len(others)
