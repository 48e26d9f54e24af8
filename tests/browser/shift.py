"""A day and a night on call: a deploy breaks checkouts for an hour, entries wait, the book is compared; all made up."""

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from mrr.book import Book, clock
from mrr.derivation.engine import engine
from mrr.watch.indicators import Posting
from tests.watch.rehearsed import outcome
from tests.watch.troubled import checkout, payment

SEED, TURN = 5, timedelta(minutes=15)
# Of the 96 turns of a day: those in which a new form refuses cards, and those in which entries wait.
BROKEN, SLOW = range(55, 61), range(78, 84)
# After which the prorations are compared.
COMPARED = (10, 42, 90)
# The drills of the night before: in how many hours each was noticed, and by what (docs/game-day.md).
DRILLED = (
    ("F1", 14, "F1.turn"),
    ("F2", 8, "F2.repeated"),
    ("F3", 8, "F3.prorated"),
    ("F4", 12, "F4.rate_off"),
    ("F5", 14, "F5.late"),
    ("F6", 14, "F1.turn"),
    ("storm", 4, "F2.redelivered"),
)


def worked(folder: Path, ends_at: datetime) -> None:
    """Let a day until an instant happen to a book, and its watchers look."""
    chance, starts_at = random.Random(SEED), ends_at - timedelta(days=1)
    with Book(folder) as book:
        for turn in range(96):
            with clock.standing(starts_at + turn * TURN):
                _turn(book, turn, chance)
        with clock.standing(starts_at):
            for name, hours, rule in DRILLED:
                book.keep_drill(found=outcome(name, detected=60 * hours, named=rule, engine=engine()))
        with clock.standing(ends_at):
            book.append_bodies([b'{"fact": "subscripton", "customer": "n/7"}'], source="native")
            book.watch()
            number = book.alerts(state="standing")[0].alert_id
            book.acknowledge(alert=number, author="Dana Ferreira", reason="looking at the form")


def _turn(book: Book, turn: int, chance: random.Random) -> None:
    """A quarter of an hour: who tried to pay, when it came into the ledger, what was deployed."""
    now, first = clock.now(), book.journal.head().seq + 1
    book.append_bodies(list(_tried(now, turn, chance)), source="native")
    head = book.journal.head().seq
    ms = chance.randint(300, 700) * (14 if turn in SLOW else 1)
    book.posted([Posting(first, head - 1, now + timedelta(milliseconds=ms // 2))])
    book.posted([Posting(head, head, now + timedelta(milliseconds=ms))])
    if turn in COMPARED:
        book.reconcile_prorations()
    if turn == BROKEN.start:
        book.annotate(kind="deploy", text="checkout 4.12: new card form", author="ci")
    if turn == BROKEN.stop:
        book.annotate(kind="deploy", text="checkout 4.11 again", author="ci")


def _tried(now: datetime, turn: int, chance: random.Random) -> Iterator[bytes]:
    for number in range(8):
        name, at = f"k{turn}-{number}", now - timedelta(minutes=1)
        fails = chance.random() < (0.45 if turn in BROKEN else 0.01)
        for event in (
            checkout(f"s-{name}", at, "expired" if fails else "completed", name),
            payment(f"p-{name}", name, at, "do_not_honor" if fails else None),
        ):
            yield json.dumps({key: value for key, value in event.items() if value is not None}).encode()
