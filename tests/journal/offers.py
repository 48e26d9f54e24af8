"""What the journal's tests offer and how they look behind its back."""

import random
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mrr.journal import Entry, Journal, Record

DAY = 86_400_000_000
"""A day in µs."""


def body(number: int, size: int = 0) -> bytes:
    """A body like a provider's: much in common with its neighbours, a little of its own."""
    own = random.Random(number).randbytes(16).hex()
    text = f'{{"id":"evt_{number}","object":"event","type":"customer.subscription.updated","nonce":"{own}","pad":"'
    return (text.ljust(size, "x") + '"}').encode()


def record(number: int) -> Record:
    """Record `number`; equal numbers make equal records."""
    return Record(f"evt_{number}", "customer.subscription.updated", body(number), number * 1_000)


def records(first: int, last: int) -> list[Record]:
    """Records `first` to `last`, both included."""
    return [record(number) for number in range(first, last + 1)]


def everything(journal: Journal) -> list[Entry]:
    """All entries in the order in which they are read."""
    return [entry for page in journal.read() for entry in page]


def sql(path: Path, statement: str, values: Sequence[Any] = ()) -> list[Any]:
    """Run SQL on the file directly, as someone would who tampers with it."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        return connection.execute(statement, values).fetchall()
    finally:
        connection.close()
