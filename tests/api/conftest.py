"""A real service in a process of its own, over a small book; requests go through the loopback."""

import hmac
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from mrr.access import SCOPES, Access
from mrr.book import Book
from mrr.book.clock import now_micros
from mrr.policy import standard

SECRET = "whsec_of_the_tests"
FACT: dict[str, Any] = {"fact": "subscription", "status": "active", "currency": "USD"}


def created(name: str) -> bytes:
    """A customer whom Stripe tells of, as an event."""
    customer = {"id": f"cus_{name}", "object": "customer", "created": 1735689600, "metadata": {}, "livemode": True}
    event = {"id": f"evt_{name}", "object": "event", "type": "customer.created", "created": 1735689600}
    return json.dumps(event | {"livemode": True, "data": {"object": customer}}).encode()


def told(customer: str, effective_at: str, amount: str) -> dict[str, Any]:
    """A native event: a customer pays so much a month."""
    item = {"item": f"i-{customer}", "product": "pro", "price": "p", "unit_amount": amount, "interval": "month"}
    named = {"customer": customer, "subscription": f"S-{customer}", "effective_at": effective_at}
    return FACT | named | {"items": [item], "period": [effective_at, "2030-01-01T00:00:00Z"]}


class Service(NamedTuple):
    """A running service, its book, and a token for each scope."""

    url: str
    folder: Path
    tokens: dict[str, str]
    process: "subprocess.Popen[str]"

    def client(self, scope: str | None = "admin") -> httpx.Client:
        """A client with the token of a scope, or with none."""
        headers = {} if scope is None else {"Authorization": f"Bearer {self.tokens[scope]}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def deliver(self, body: bytes, secret: str = SECRET, at: int | None = None) -> httpx.Response:
        """One delivery as Stripe signs it."""
        with self.client(None) as client:
            return client.post("/webhooks/stripe", content=body, headers={"Stripe-Signature": signed(body, secret, at)})

    def ready(self, seq: int) -> None:
        """Wait until the ledger holds the journal up to an entry."""
        until = time.monotonic() + 60
        with self.client(None) as client:
            while time.monotonic() < until:
                answer = client.get("/ready")
                if answer.status_code == 200 and answer.json()["seq"] >= seq:
                    return
                time.sleep(0.05)
        raise AssertionError(f"not ready: {answer.text}")


def signed(body: bytes, secret: str = SECRET, at: int | None = None) -> str:
    """The header by which Stripe signs a body."""
    moment = str(int(time.time()) if at is None else at)
    digest = hmac.new(secret.encode(), moment.encode() + b"." + body, sha256).hexdigest()
    return f"t={moment},v1={digest}"


def started(folder: Path, fault: str = "", workers: str = "") -> "tuple[subprocess.Popen[str], str]":
    """A service over a book, and its URL; it dies at the fault, if one is named. With one worker it is one process."""
    env = {**os.environ, "STRIPE_SECRET": SECRET, "STRIPE_OLD_SECRET": "whsec_old", "MRR_FAULT": fault}
    env |= {"MRR_WORKERS": workers} if workers else {}
    words = [sys.executable, "-m", "mrr.cli.main", "serve", "--book", str(folder), "--port", "0"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=env)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("serving"):
            return process, line.split()[-1]
    raise AssertionError("the service ended before it began")


def made(folder: Path) -> dict[str, str]:
    """A book of three customers, with an endpoint for Stripe and a token for each scope."""
    with Book.create(folder, policy=standard()) as book:
        facts = [("acme", "2025-01-10", "100"), ("beta", "2025-01-20", "70"), ("=cmd|' calc'!A0", "2025-02-01", "5")]
        bodies = [json.dumps(told(name, f"{day}T00:00:00Z", amount)).encode() for name, day, amount in facts]
        book.append_bodies(bodies, source="native")
        access = Access(book.journal)
        tokens = {scope: access.token(f"t-{scope}", [scope], now_micros()) for scope in SCOPES if scope != "admin"}
        tokens["admin"] = access.token("t-admin", ["admin"], now_micros())
    with (folder / "mrr.toml").open("a") as settings:
        settings.write('\n[webhooks.stripe]\nsecrets = ["STRIPE_SECRET", "STRIPE_OLD_SECRET", "NOT_SET"]\n')
    return tokens


def begun(folder: Path, workers: str = "") -> Service:
    """A service over a new book; with two workers, once its intake is a process of its own."""
    tokens = made(folder)
    process, url = started(folder, workers=workers)
    running = Service(url, folder, tokens, process)
    running.ready(3)
    if workers == "2":
        patiently(lambda: has_intake_apart(running))
    return running


def has_intake_apart(service: Service) -> bool:
    """Whether a process of its own takes deliveries by now."""
    with service.client("read") as client:
        return "mrr_intake_apart 1.0" in client.get("/metrics").text


def patiently(done: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until it came to that."""
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service for the tests of one file; of one process, for that an intake changes no answer is tested by itself."""
    running = begun(tmp_path_factory.mktemp("served") / "book", "1")
    yield running
    ended(running.process)


def ended(process: "subprocess.Popen[str]") -> None:
    """Ask a service to end, and see that it does so in peace."""
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 0
