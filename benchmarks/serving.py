"""A served book under load: `python -m benchmarks.serving [CUSTOMERS] [SECONDS]`; its ceilings are of the same run."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks import building, sender
from mrr.access import Access
from mrr.book import Book
from mrr.book.clock import now_micros
from mrr.derivation.engine import engine
from mrr.journal import Journal, Record
from mrr.policy import standard
from mrr.web.board import asked as asked_of_board

RESULTS = Path(__file__).with_name("serving.json")
CONNECTIONS = 64
# Somebody opens the overview so often while events arrive.
PAGE_EVERY_S = 2.0
# What the overview asks, in its order and by the names of the API; the months are those of the fleet.
FIRST = "2023-12-01"
OVERVIEW = (
    "/v1/definition",
    f"/v1/rollforward?from={FIRST}",
    *(f"/v1/metrics/{one.metric}?from={FIRST}" for one in asked_of_board()),
    "/v1/rollforward?from=2024-12-01&by=plan",
)


def main(customers: int, seconds: float) -> None:
    """Measure, print, and keep what was found."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "book"
        token, movements = book(Path(place), folder, customers)
        found: dict[str, Any] = {"customers": customers, "movements": movements, "load": os.getloadavg()[0]}
        with served(folder) as url, httpx.Client(base_url=url, timeout=120) as client:
            client.headers["Authorization"] = f"Bearer {token}"
            _until(lambda: client.get("/ready").status_code == 200)
            quiet = asked(client, seconds)
            found["overview_quiet"] = _cuts(quiet)
            found["deliveries"] = deliveries(folder, url, seconds)
            _until(lambda: _depth(folder, client) == 0)
            found["events"] = events(folder, url, client, found["deliveries"]["acknowledged_per_s"] / 2, seconds)
            found["storm"] = storm(folder, url, client, 10 * found["deliveries"]["acknowledged_per_s"], seconds / 2)
    RESULTS.write_text(json.dumps(found, indent=2, default=float) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2, default=float))


def book(place: Path, folder: Path, customers: int) -> tuple[str, int]:
    """A book with the ledger of a fleet, of which its journal knows nothing; a token for it, and its movements."""
    warehouse, figures = building.built(place, customers)
    with Book.create(folder, policy=standard()) as made:
        building.mark(warehouse, made.journal, engine(), made.policy.ledger_hash)
        warehouse.execute("CHECKPOINT")
        warehouse.close()
        token = Access(made.journal).token("benchmark", ["read"], now_micros())
    os.replace(place / f"fleet-{customers}.duckdb", folder / "warehouse.duckdb")
    with (folder / "mrr.toml").open("a") as settings:
        settings.write('\n[webhooks.stripe]\nsecrets = ["BENCHMARK_SECRET"]\n')
    return token, figures["movements"]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A service over a book, in a process of its own."""
    words = [sys.executable, "-m", "mrr.cli.main", "serve", "--book", str(folder), "--port", "0"]
    env = {**os.environ, "BENCHMARK_SECRET": sender.SECRET}
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env)
    assert process.stdout is not None
    try:
        yield next(line.split()[-1] for line in process.stdout if line.startswith("serving"))
    finally:
        process.terminate()
        process.communicate(timeout=120)


@contextmanager
def sending(url: str, name: str, seconds: float, connections: int, rate: float) -> Iterator[Callable[[], Any]]:
    """A client that sends meanwhile; what is given waits for its end and gives what came of it."""
    words = [sys.executable, "-m", "benchmarks.sender", url, name, str(seconds), str(connections), str(rate)]
    # Not through a pipe: of what a process writes into one after uvloop, a part is lost one time in a hundred.
    with tempfile.TemporaryFile() as told, subprocess.Popen(words, stdout=told) as process:

        def ended() -> Any:
            assert process.wait() == 0
            told.seek(0)
            return json.load(told)

        yield ended


def deliveries(folder: Path, url: str, seconds: float) -> dict[str, Any]:
    """Durable webhooks a second, against the store's own group commits of as many bodies of the same size."""
    with Journal.open(folder / "journal.sqlite") as journal:
        before = _receipts(journal)
        with sending(url, "a", seconds, CONNECTIONS, 0) as ended:
            told = ended()
        batch = max(1, round(len(told["acknowledged"]) / max(_receipts(journal) - before, 1)))
    rate, own = len(told["acknowledged"]) / told["seconds"], ceiling(folder, batch, seconds)
    assert rate > 0
    return {
        "acknowledged_per_s": rate,
        "bodies_per_commit": batch,
        "body_bytes": len(sender.body("a0000000")),
        "own_per_s": own,
        "share_of_own": rate / own,
        **{name: told[name] for name in ("refused", "failed", "p50_ms", "p99_ms")},
    }


def ceiling(folder: Path, batch: int, seconds: float) -> float:
    """What the store appends a second by itself, in groups of so many bodies, on the same disk."""
    with Journal.create(folder / "ceiling.sqlite", created_at=0) as journal:
        number, began = 0, time.monotonic()
        while time.monotonic() - began < seconds / 2:
            names = [f"{number + one:07d}" for one in range(batch)]
            journal.append("stripe", [Record(name, "event", sender.body(name), 0) for name in names], 0)
            number += batch
        return number / (time.monotonic() - began)


def events(folder: Path, url: str, client: httpx.Client, rate: float, seconds: float) -> dict[str, Any]:
    """At half that load: how long until an event is seen, how deep the queue is, how long the overview takes."""
    depths: list[int] = []
    seen: list[float] = []
    spent: list[float] = []
    with sending(url, "b", seconds, CONNECTIONS, rate) as ended, postings(client) as posted:
        until = time.monotonic() + seconds
        works: list[tuple[float, Callable[[], object]]] = [
            (0.25, lambda: depths.append(_depth(folder, client))),
            (0.1, lambda: seen.append(_seen(url, client, posted, len(seen)))),
            # A page now and then: who asks without a pause takes a processor, and is a load of his own.
            (PAGE_EVERY_S, lambda: spent.extend(asked(client))),
        ]
        threads = [threading.Thread(target=_every, args=(until, *work)) for work in works]
        for thread in threads:
            thread.start()
        told = ended()
        for thread in threads:
            thread.join()
    return {
        "offered_per_s": rate,
        "acknowledged_per_s": len(told["acknowledged"]) / told["seconds"],
        "visible": _cuts(seen),
        "queue_depth": depths,
        "overview": _cuts(spent),
    }


def storm(folder: Path, url: str, client: httpx.Client, rate: float, seconds: float) -> dict[str, Any]:
    """Ten times what is taken: what is acknowledged meanwhile is in the journal, and posted in the end."""
    with sending(url, "c", seconds, 4 * CONNECTIONS, rate) as one, sending(url, "d", seconds, 512, rate) as other:
        told = [one(), other()]
    acknowledged = {name for half in told for name in half["acknowledged"]}
    began = time.monotonic()
    _until(lambda: _depth(folder, client) == 0)
    with Journal.open(folder / "journal.sqlite", read_only=True) as journal:
        kept = {entry.key for page in journal.read() for entry in page}
    assert acknowledged <= kept, f"lost: {sorted(acknowledged - kept)[:3]}"
    return {
        "wanted_per_s": 2 * rate,
        "acknowledged": len(acknowledged),
        "refused": sum(half["refused"] for half in told),
        "failed": sum(half["failed"] for half in told),
        "all_posted_after_s": time.monotonic() - began,
    }


def asked(client: httpx.Client, seconds: float = 0.0) -> list[float]:
    """What the overview asks, once or for so long: the seconds that each answer took."""
    spent: list[float] = []
    until = time.monotonic() + seconds
    while not spent or time.monotonic() < until:
        for query in OVERVIEW:
            began = time.monotonic()
            answer = client.get(query)
            assert answer.status_code == 200, answer.text
            spent.append(time.monotonic() - began)
    return spent


@contextmanager
def postings(client: httpx.Client) -> Iterator[threading.Event]:
    """What is set whenever the service tells that the ledger went on, as its pages hear it."""
    posted, over = threading.Event(), threading.Event()

    def hear() -> None:
        with client.stream("GET", "/v1/stream") as stream:
            for line in stream.iter_lines():
                if over.is_set():
                    return
                if line.startswith("id:"):
                    posted.set()

    thread = threading.Thread(target=hear)
    thread.start()
    try:
        yield posted
    finally:
        over.set()
        thread.join()


def _seen(url: str, client: httpx.Client, posted: threading.Event, number: int) -> float:
    """Seconds from sending an event until its movement is told."""
    name, began = f"probe{number:05d}", time.monotonic()
    content = sender.request(url, sender.body(name))
    head, _, body = content.partition(b"\r\n\r\n")
    signature = head.partition(b"Stripe-Signature: ")[2].split(b"\r\n")[0].decode()
    answer = httpx.post(f"{url}/webhooks/stripe", content=body, headers={"Stripe-Signature": signature}, timeout=60)
    while answer.status_code == 200 and not client.get(f"/v1/movements?customer=cus_{name}").json()["rows"]:
        posted.wait(10)
        posted.clear()
    return time.monotonic() - began


def _depth(folder: Path, client: httpx.Client) -> int:
    """How many entries of the journal are not yet posted."""
    with Journal.open(folder / "journal.sqlite", read_only=True) as journal:
        head = journal.head().seq
    return max(0, head - int(client.get("/ready").json().get("seq", 0)))


def _receipts(journal: Journal) -> int:
    with journal.reading() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM receipt").scalar_one())


def _every(until: float, pause: float, work: Callable[[], object]) -> None:
    while time.monotonic() < until:
        work()
        time.sleep(pause)


def _until(done: Callable[[], bool], patience_s: float = 600) -> None:
    until = time.monotonic() + patience_s
    while not done():
        assert time.monotonic() < until, "the service does not come to an end with it"
        time.sleep(0.1)


def _cuts(seconds: list[float]) -> dict[str, float]:
    """The middle and the tail, in ms."""
    cut = statistics.quantiles(seconds, n=100) if len(seconds) > 1 else [0.0] * 99
    return {"count": len(seconds)} | {f"p{one}_ms": 1000 * cut[one - 1] for one in (50, 95, 99)}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, float(sys.argv[2]) if len(sys.argv) > 2 else 20.0)
