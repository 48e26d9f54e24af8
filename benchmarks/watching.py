"""What watching costs a service that posts: `python -m benchmarks.watching [CUSTOMERS] [CYCLES]`; pairs, interleaved.

A cycle is a turn of the watchers, then blocks of postings of some seconds each, in pairs of which the order is drawn:
one alone, and one while the service keeps record of every posting and a scraper asks for /metrics each second, more
often than any scraper does. What a cycle costs is how much dearer the postings of its pairs were, and the turn spread
over the postings of the pause that duty makes after it. The book has the journal of a simulated company up to now.
What is compared are CPU seconds of the process, which others on the machine disturb least, and only those of a cycle
with each other; the interval is a bootstrap over the cycles.
"""

import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from prometheus_client import generate_latest

from benchmarks import injecting
from mrr.api.telemetry import THOROUGH_S, Telemetry
from mrr.book import Book
from mrr.duty import pause
from mrr.live import Live, Posted
from mrr.period import instant, micros_of
from mrr.watch.indicators import Posting

RESULTS = Path(__file__).with_name("watching.json")
BATCH, EVERY_S = 100, 1.0
# How long a block of postings lasts, and how many pairs of them are in a cycle.
BLOCK_S, PAIRS = 4.0, 3
SEED = 101
DRAWS = 10_000


class Spent(NamedTuple):
    """CPU seconds and clock seconds of some batches."""

    cpu: float
    clock: float
    batches: int

    def and_(self, other: "Spent") -> "Spent":
        """Both together."""
        return Spent(self.cpu + other.cpu, self.clock + other.clock, self.batches + other.batches)

    @property
    def a_batch(self) -> float:
        """CPU seconds a batch."""
        return self.cpu / self.batches


NOTHING = Spent(0, 0, 0)


def main(customers: int, cycles: int) -> None:
    """Measure, print, and keep what was found."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "book"
        book = _grown(folder, customers)
        with book:
            book.serve()
            entries = book.journal.head().seq
            found = {
                "customers": customers,
                "entries": entries,
                "batch": BATCH,
                **measured(book, cycles),
                "load": os.getloadavg()[0],
            }
    kept = json.loads(RESULTS.read_text("utf-8"))["runs"] if RESULTS.exists() else []
    told = together([*kept, found])
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({"this": found, "all": told["all"]}, indent=1))


def together(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """All runs that were kept, and what those of as many customers as the last say together, none left out."""
    alike = [run for run in runs if run["customers"] == runs[-1]["customers"]]
    costs = [cost for run in alike for cost in run["costs"]]
    return {"all": {"cycles": len(costs), **_said(costs, random.Random(len(costs)))}, "runs": runs}


def _said(costs: list[float], chance: random.Random) -> dict[str, Any]:
    """The mean of some costs, and a bootstrap's interval of it."""
    draws = sorted(statistics.fmean(chance.choices(costs, k=len(costs))) for _ in range(DRAWS))
    return {"cost": statistics.fmean(costs), "interval_95": [draws[int(0.025 * DRAWS)], draws[int(0.975 * DRAWS)]]}


def _grown(folder: Path, customers: int) -> Book:
    """The book of a company that began in 2023 and goes on, as it stands now."""
    now = instant(time.time_ns() // 1000)
    months = 12 * (now.year - 2023) + now.month
    told = injecting.deliveries(SEED, customers, months)
    intake = injecting.Intake.begin(folder, SEED, customers, months, told)
    intake.forward(micros_of(now), minutes=injecting.DAILY)
    return intake.book


class Cycle(NamedTuple):
    """CPU seconds of a turn, how long it took, and CPU seconds and clock seconds of postings, alone and watched."""

    turn_cpu: float
    turn_s: float
    alone: Spent
    watched: Spent

    @property
    def turn_cost(self) -> float:
        """The turn as a share of the postings until the next one is due, at the rate of those alone."""
        return self.turn_cpu / (self.alone.cpu / self.alone.clock * pause(self.turn_s))

    @property
    def record_cost(self) -> float:
        """How much dearer a batch was that was watched."""
        return self.watched.a_batch / self.alone.a_batch - 1


class Scraper:
    """Asks for /metrics each second while it is let; for what it measures no time goes by between."""

    def __init__(self, told: Telemetry) -> None:
        self.told = told
        self._left_at = time.monotonic()

    @contextmanager
    def asking(self) -> Iterator[Telemetry]:
        """Scrape until the block ends."""
        told, over, away = self.told, threading.Event(), time.monotonic() - self._left_at
        told._rested_at, told._thorough_at = told._rested_at + away, told._thorough_at + away

        def scrape() -> None:
            while not over.wait(EVERY_S):
                if told._due():
                    told._measure()
                generate_latest(told.registry)

        thread = threading.Thread(target=scrape)
        thread.start()
        try:
            yield told
        finally:
            over.set()
            thread.join()
            self._left_at = time.monotonic()


def measured(book: Book, cycles: int) -> dict[str, Any]:
    """The cost of watching as a share of what posting takes, with its interval."""
    batches, live, chance = _batches(), Live(book), random.Random(cycles)
    told = Telemetry(live)
    # Whatever is done once is done before: plans, the ledger opened, prorations.
    _post(book, live, batches, BLOCK_S)
    told._measure()
    _turn(book)
    scraper = Scraper(told)
    found = [_cycle(book, live, batches, scraper, chance) for _ in range(cycles)]
    costs = [one.turn_cost + one.record_cost for one in found]
    return {
        "cycles": cycles,
        "batches": sum(one.alone.batches + one.watched.batches for one in found),
        "turn_s": statistics.fmean(one.turn_s for one in found),
        "turn_cpu_s": statistics.fmean(one.turn_cpu for one in found),
        "alone_cpu_s_a_batch": statistics.fmean(one.alone.a_batch for one in found),
        "watched_cpu_s_a_batch": statistics.fmean(one.watched.a_batch for one in found),
        "turns": statistics.fmean(one.turn_cost for one in found),
        "records": statistics.fmean(one.record_cost for one in found),
        **_said(costs, chance),
        "costs": costs,
        "thorough_every_s": THOROUGH_S,
    }


def _cycle(book: Book, live: Live, batches: Iterator[list[bytes]], scraper: Scraper, chance: random.Random) -> Cycle:
    began = time.process_time()
    took = _turn(book)
    turn_cpu, alone, watched = time.process_time() - began, NOTHING, NOTHING
    for _ in range(PAIRS):
        for is_watched in chance.sample((False, True), 2):
            if is_watched:
                with scraper.asking() as told:
                    watched = watched.and_(_post(book, live, batches, BLOCK_S, told))
            else:
                alone = alone.and_(_post(book, live, batches, BLOCK_S))
    return Cycle(turn_cpu, took, alone, watched)


def _turn(book: Book) -> float:
    """Seconds that a turn of the watchers takes."""
    began = time.monotonic()
    book.watch()
    return time.monotonic() - began


def _post(
    book: Book, live: Live, batches: Iterator[list[bytes]], seconds: float, told: Telemetry | None = None
) -> Spent:
    """Post for some seconds. With `told` each posting is written down, those of a second together."""
    cpu, began, count = time.process_time(), time.monotonic(), 0
    kept, wrote = list[tuple[Posting, Posted]](), began
    while time.monotonic() < began + seconds:
        before = live.posted.seq if live.posted is not None else 0
        book.keep(next(batches), source="native")
        live.posted = Posted(*book.catch_up())
        count += 1
        kept.append((Posting(before + 1, live.posted.seq, book.now()), live.posted))
        if told is not None and time.monotonic() - wrote > EVERY_S:
            told._tell(kept)
            kept, wrote = [], time.monotonic()
    if told is not None:
        told._tell(kept)
    return Spent(time.process_time() - cpu, time.monotonic() - began, count)


def _batches() -> Iterator[list[bytes]]:
    """Batches of new subscriptions and of payments, as they would come in."""
    number, text = 0, _text(instant(time.time_ns() // 1000))
    while True:
        batch = []
        for _ in range(BATCH // 2):
            number += 1
            batch += [_subscription(number, text), _payment(number, text)]
        yield batch


def _subscription(number: int, at: str) -> bytes:
    item = {"item": f"i{number}", "product": "pro", "price": "p", "unit_amount": "49", "interval": "month"}
    told = {"fact": "subscription", "customer": f"w{number}", "subscription": f"ws{number}", "effective_at": at}
    return json.dumps(told | {"status": "active", "currency": "USD", "items": [item]}).encode()


def _payment(number: int, at: str) -> bytes:
    failed = {"outcome": "failed", "failure_code": "card_declined"} if number % 11 == 0 else {"outcome": "succeeded"}
    told = {"fact": "payment", "payment": f"wp{number}", "kind": "attempt", "customer": f"w{number}"}
    return json.dumps(told | {"effective_at": at, "amount": "49", "currency": "USD"} | failed).encode()


def _text(moment: Any) -> str:
    return instant(micros_of(moment)).isoformat(timespec="seconds") + "Z"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000, int(sys.argv[2]) if len(sys.argv) > 2 else 20)
