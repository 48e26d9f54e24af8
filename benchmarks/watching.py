"""What watching costs a service that posts: `python -m benchmarks.watching [CUSTOMERS] [PAIRS]`; pairs, interleaved.

Each pair posts equal batches of events twice, in an order that is drawn: once alone, and once from a turn of the
watchers until the next is due on duty, while the service keeps record of every posting and a scraper asks for /metrics
each second, more often than any scraper does. The book has the journal of a simulated company up to now. What is
compared are CPU seconds a batch of the process, which others on the machine disturb least; the interval is a bootstrap
over the pairs.
"""

import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
SEED = 101
DRAWS = 10_000


def main(customers: int, pairs: int) -> None:
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
                **measured(book, pairs),
                "load": os.getloadavg()[0],
            }
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


def _grown(folder: Path, customers: int) -> Book:
    """The book of a company that began in 2023 and goes on, as it stands now."""
    now = instant(time.time_ns() // 1000)
    months = 12 * (now.year - 2023) + now.month
    told = injecting.deliveries(SEED, customers, months)
    intake = injecting.Intake.begin(folder, SEED, customers, months, told)
    intake.forward(micros_of(now), minutes=injecting.DAILY)
    return intake.book


def measured(book: Book, pairs: int) -> dict[str, Any]:
    """The cost of watching as a share of what posting takes, with its interval."""
    batches, live, chance = _batches(), Live(book), random.Random(pairs)
    told = Telemetry(live)
    # Whatever is done once is done before: plans, the ledger opened, prorations.
    _post(book, live, batches, 5)
    told._measure()
    turns = [_turn(book)]
    alone, watched, many = [], [], 0
    for _ in range(pairs):
        for is_watched in chance.sample((False, True), 2) if many else (True, False):
            if is_watched:
                spent, many, took = _watched(book, live, batches, told)
                watched.append(spent / many)
                turns.append(took)
            else:
                alone.append(_post(book, live, batches, many) / many)
    costs = [with_it / without - 1 for with_it, without in zip(watched, alone, strict=True)]
    draws = sorted(statistics.fmean(chance.choices(costs, k=pairs)) for _ in range(DRAWS))
    return {
        "pairs": pairs,
        "batches_a_run": many,
        "turn_s": statistics.fmean(turns),
        "alone_cpu_s_a_batch": statistics.fmean(alone),
        "watched_cpu_s_a_batch": statistics.fmean(watched),
        "cost": statistics.fmean(costs),
        "costs": costs,
        "interval_95": [draws[int(0.025 * DRAWS)], draws[int(0.975 * DRAWS)]],
        "thorough_every_s": THOROUGH_S,
    }


def _watched(book: Book, live: Live, batches: Iterator[list[bytes]], told: Telemetry) -> tuple[float, int, float]:
    """CPU seconds and batches from one turn of the watchers until the next is due, and how long the turn took."""
    began, count = time.process_time(), 0

    def counted() -> Iterator[list[bytes]]:
        nonlocal count
        for batch in batches:
            count += 1
            yield batch

    with _watching(told):
        took = _turn(book)
        until = time.monotonic() + pause(took)
        _post(book, live, counted(), lambda: time.monotonic() < until, told)
    return time.process_time() - began, count, took


def _turn(book: Book) -> float:
    """Seconds that a turn of the watchers takes."""
    began = time.monotonic()
    book.watch()
    return time.monotonic() - began


def _post(
    book: Book,
    live: Live,
    batches: Iterator[list[bytes]],
    more: int | Callable[[], bool],
    told: Telemetry | None = None,
) -> float:
    """CPU seconds of posting so many batches, or as long as there are more to be posted.

    With `told` each posting is written down, those of a second together.
    """
    began, kept, wrote = time.process_time(), list[tuple[Posting, Posted]](), time.monotonic()
    numbers = iter(range(more)) if isinstance(more, int) else iter(lambda: more(), False)
    for _ in numbers:
        before = live.posted.seq if live.posted is not None else 0
        book.keep(next(batches), source="native")
        live.posted = Posted(*book.catch_up())
        kept.append((Posting(before + 1, live.posted.seq, book.now()), live.posted))
        if told is not None and time.monotonic() - wrote > EVERY_S:
            told._tell(kept)
            kept, wrote = [], time.monotonic()
    if told is not None:
        told._tell(kept)
    return time.process_time() - began


@contextmanager
def _watching(told: Telemetry) -> Iterator[None]:
    """A scraper that asks each second; a run is short, so it begins with a measuring whatever there was before."""
    over, told._rested_at = threading.Event(), 0.0

    def scrape() -> None:
        while not over.wait(EVERY_S):
            if told._due():
                told._measure()
            generate_latest(told.registry)

    thread = threading.Thread(target=scrape)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


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
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000, int(sys.argv[2]) if len(sys.argv) > 2 else 6)
