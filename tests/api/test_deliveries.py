"""Deliveries: signed, durable before the answer, quarantined where they cannot be read, refused where they must be."""

import json
import socket
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import pytest

from mrr.book import Book
from tests.api.conftest import SECRET, Service, created, signed, told


def _event(number: int) -> bytes:
    return created(str(number))


def _entries(service: Service) -> int:
    with Book(service.folder) as book:
        return book.journal.head().seq


def test_a_delivery_is_kept_and_posted(service: Service) -> None:
    before = _entries(service)
    assert service.deliver(_event(1)).json() == {"received": True}
    assert _entries(service) == before + 1
    service.ready(before + 1)
    assert service.deliver(_event(1)).status_code == 200
    assert _entries(service) == before + 1, "a replay is a duplicate"
    assert service.deliver(_event(2), secret="whsec_old").status_code == 200, "the secret that is being replaced"


def test_what_cannot_be_read_is_kept_and_quarantined(service: Service) -> None:
    before = _entries(service)
    assert service.deliver(b"\xff\x00 no JSON").status_code == 200
    service.ready(before + 1)
    with Book(service.folder) as book:
        assert [one.seq for one in book.quarantine()] == [before + 1]


FORGED: dict[str, Callable[[], str]] = {
    "no header": lambda: "",
    "another body": lambda: signed(b"other"),
    "an unknown secret": lambda: signed(_event(9), secret="whsec_guess"),
    "an old one, sent again": lambda: signed(_event(9), at=int(time.time()) - 3600),
    "one of the future": lambda: signed(_event(9), at=int(time.time()) + 3600),
    "another scheme": lambda: signed(_event(9)).replace("v1", "v0"),
    "no time": lambda: "t=x,v1=00",
    "two times": lambda: "t=1,t=2,v1=zz",
}


@pytest.mark.parametrize("why", FORGED)
def test_what_is_not_signed_is_refused(service: Service, why: str) -> None:
    before = _entries(service)
    with service.client(None) as client:
        answer = client.post("/webhooks/stripe", content=_event(9), headers={"Stripe-Signature": FORGED[why]()})
    assert answer.status_code == 400
    assert answer.json()["remedy"]
    assert _entries(service) == before


def test_sources_without_a_secret_take_nothing(service: Service) -> None:
    with service.client(None) as client:
        for source in ("native", "stripe:eu", "rates", "governance", "edits", "nobody", "..%2f..%2fetc"):
            assert client.post(f"/webhooks/{source}", content=b"{}").status_code in (400, 404)


def test_too_large_and_too_slow(service: Service) -> None:
    large = b"x" * ((1 << 20) + 1)
    assert service.deliver(large).status_code == 413
    address = urlsplit(service.url)
    assert address.hostname is not None
    with socket.create_connection((address.hostname, address.port or 80)) as slow:
        slow.sendall(b"POST /webhooks/stripe HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n{")
        slow.settimeout(30)
        assert slow.recv(100).startswith(b"HTTP/1.1 408")


def test_native_events_by_token(service: Service) -> None:
    before = _entries(service)
    lines = b"\n".join(json.dumps(told(f"n{number}", "2025-03-01T00:00:00Z", "10")).encode() for number in range(3))
    with service.client("operate") as client:
        answer = client.post("/v1/events", content=lines)
        assert (answer.status_code, answer.json()) == (202, {"received": 3})
    assert _entries(service) == before + 3
    with service.client("read") as client:
        assert client.post("/v1/events", content=lines).status_code == 403


def test_the_stream_tells_what_is_posted(service: Service) -> None:
    service.ready(_entries(service))
    with service.client("read") as client, client.stream("GET", "/v1/stream") as stream:
        told_lines = stream.iter_lines()
        first = next(line for line in told_lines if line.startswith("id:"))
        assert service.deliver(_event(77)).status_code == 200
        later = next(line for line in told_lines if line.startswith("id:"))
        assert int(later.split()[1]) == int(first.split()[1]) + 1


def test_a_command_beside_the_service(service: Service) -> None:
    with Book(service.folder) as book:
        assert book.rollforward(as_of="2025-02-01").rows[-1].closing_micros == 170_000_000


def test_the_signature_is_over_the_exact_bytes(service: Service) -> None:
    body = _event(5)
    assert (
        httpx.post(
            f"{service.url}/webhooks/stripe", content=body + b" ", headers={"Stripe-Signature": signed(body, SECRET)}
        ).status_code
        == 400
    )
