"""A service killed with -9 under load: all that it acknowledged is found, and the ledger is that of a fresh build."""

import json
import os
import random
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from mrr.book import Book
from mrr.faults import POINTS
from tests.api.conftest import made, patiently, signed, started

SENDERS = 4
# At these the process dies only while a ledger is built anew.
IN_A_REBUILD = ("before rename", "after rename")


class Outside:
    """What a client outside of the process was told, over all lives of the service."""

    def __init__(self, folder: Path, token: str) -> None:
        self.folder, self.token = folder, token
        self.acknowledged: list[str] = []
        self.sent = 0
        self._turn = threading.Lock()

    def life(self, fault: str = "", seconds: float = 120.0) -> None:
        """One life of the service under load: it ends at the fault, or is killed after some seconds."""
        if fault in IN_A_REBUILD:
            (self.folder / "warehouse.duckdb").unlink(missing_ok=True)
        process, url = started(self.folder, fault)
        senders = [threading.Thread(target=self._send, args=(url, process)) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        try:
            if not fault and seconds > 1:
                # On a busy machine a service may need longer than that to take anything at all.
                self._wait_for_more(process)
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            assert not fault, f"the service never came to {fault!r}"
            process.kill()
        process.communicate()
        for sender in senders:
            sender.join()
        assert process.returncode == -signal.SIGKILL

    def life_without_intakes(self, kills: int, chance: random.Random) -> None:
        """One life of the service under load, in which the process that takes deliveries is killed again and again."""
        process, url = started(self.folder, workers="2")
        senders = [threading.Thread(target=self._send, args=(url, process)) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        for _ in range(kills):
            patiently(lambda: "mrr_intake_apart 1.0" in self._metrics(url))
            time.sleep(chance.uniform(0.1, 0.8))
            os.kill(int(children.read_text()), signal.SIGKILL)
            patiently(lambda: "mrr_intake_apart 1.0" not in self._metrics(url))
            self._wait_for_more(process)
        process.terminate()
        process.communicate(timeout=30)
        for sender in senders:
            sender.join()
        assert process.returncode == 0

    def _metrics(self, url: str) -> str:
        return httpx.get(f"{url}/metrics", headers={"Authorization": f"Bearer {self.token}"}, timeout=30).text

    def _wait_for_more(self, process: "subprocess.Popen[str]") -> None:
        before, until = len(self.acknowledged), time.monotonic() + 60
        while len(self.acknowledged) == before and process.poll() is None:
            assert time.monotonic() < until, "nothing is acknowledged"
            time.sleep(0.05)

    def _send(self, url: str, process: "subprocess.Popen[str]") -> None:
        with httpx.Client(base_url=url, timeout=10) as client:
            while process.poll() is None:
                name = self._next()
                try:
                    body = _event(name)
                    answer = client.post("/webhooks/stripe", content=body, headers={"Stripe-Signature": signed(body)})
                except httpx.TransportError:
                    continue
                if answer.status_code == 200:
                    self.acknowledged.append(name)

    def _next(self) -> str:
        with self._turn:
            self.sent += 1
            return f"evt_{self.sent:06d}"

    def check(self) -> None:
        """Everything acknowledged is in the journal, which is sound; the ledger is what a build from it gives."""
        with Book(self.folder) as book:
            told = {entry.key for page in book.journal.read() for entry in page}
            assert set(self.acknowledged) <= told
            found = book.verify()
            assert found.ok
            assert book.build().ledger_digest == found.ledger_digest


def _event(name: str) -> bytes:
    """A customer who subscribes, as Stripe tells it; each name is another customer."""
    at = 1_735_689_600
    every: dict[str, Any] = {"interval": "month", "interval_count": 1, "usage_type": "licensed"}
    price = {"id": "price_p", "object": "price", "currency": "usd", "unit_amount": 1000, "product": "prod_p"}
    item = {"id": f"si_{name}", "object": "subscription_item", "quantity": 1, "price": price | {"recurring": every}}
    period = {"current_period_start": at, "current_period_end": at + 2_678_400}
    items = {"object": "list", "data": [item | period], "has_more": False}
    subscription = {"id": f"sub_{name}", "object": "subscription", "customer": f"cus_{name}", "status": "active"}
    dated = {"currency": "usd", "created": at, "start_date": at, "items": items, "livemode": True}
    event = {"id": name, "object": "event", "type": "customer.subscription.created", "created": at, "livemode": True}
    return json.dumps({**event, "data": {"object": {**subscription, **dated}}}).encode()


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    """A book to be served, and a client that remembers."""
    tokens = made(tmp_path / "book")
    return Outside(tmp_path / "book", tokens["read"])


@pytest.mark.parametrize("fault", POINTS)
def test_killed_at_a_point(outside: Outside, fault: str) -> None:
    for _ in range(int(os.environ.get("MRR_KILLS_AT_POINTS", "1"))):
        outside.life(seconds=2.0)
        outside.life(fault)
    assert outside.acknowledged
    outside.check()


def test_killed_at_random_moments(outside: Outside) -> None:
    chance = random.Random(7)
    for _ in range(int(os.environ.get("MRR_KILLS_AT_RANDOM", "4"))):
        outside.life(seconds=chance.uniform(0.3, 2.0))
    assert outside.acknowledged
    outside.check()


def test_the_intake_alone_is_killed(outside: Outside) -> None:
    outside.life_without_intakes(int(os.environ.get("MRR_KILLS_OF_INTAKE", "3")), random.Random(7))
    assert outside.acknowledged
    outside.check()


def test_a_service_that_is_asked_to_end_posts_on_where_it_stopped(outside: Outside) -> None:
    outside.life(seconds=1.5)
    process, url = started(outside.folder)
    with Book(outside.folder) as book:
        head = book.journal.head().seq
    until = time.monotonic() + 60
    while httpx.get(f"{url}/ready").json().get("seq") != head:
        assert time.monotonic() < until
        time.sleep(0.1)
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 0
    outside.check()
