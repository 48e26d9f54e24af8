"""A file of webhook bodies to durable entries to rows of facts, by one process and by all; decoding against msgspec.

`python -m benchmarks.importing [EVENTS]` runs it alone.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.clock import best, took
from mrr import providers
from mrr.derivation import derive, feed, ingest
from mrr.journal import Journal
from mrr.providers.stripe import decoding, shapes
from mrr.simulate import company, delivered
from mrr.warehouse import Warehouse, sql

# A webhook of a real account is about as long; what is missing is made up by metadata, of which Stripe keeps up to 500
# characters a key.
BODY_BYTES = 4_500
_NOTE = 440


class Data(msgspec.Struct):
    """The object of an event, read into the struct that the decoder reads it into."""

    object: shapes.Subscription


class Event(msgspec.Struct):
    """As little of an event as holds a subscription."""

    data: Data


def measured(folder: Path, wanted: int) -> dict[str, Any]:
    """Events a second and CPU µs an event, part by part, with one process and with as many as there are CPUs."""
    export = folder / "events.jsonl"
    bodies = _bodies(wanted)
    export.write_bytes(b"\n".join(bodies) + b"\n")
    figures: dict[str, Any] = {"events": len(bodies), "mean_bytes": sum(map(len, bodies)) // len(bodies)}
    figures |= _decoders([body for body in bodies if b'"customer.subscription.' in body])
    count = len(bodies)
    del bodies
    for workers in sorted({1, min(len(os.sched_getaffinity(0)), feed.MOST)}):
        figures[f"workers_{workers}"] = _imported(folder / f"workers-{workers}", export, count, workers)
    return figures


def _bodies(wanted: int) -> list[bytes]:
    told = company(7, max(wanted // 8, 50), 24, invoices=False)
    found: list[bytes] = []
    for body in delivered(told.events(), seed=7):
        event = msgspec.json.decode(body)
        if missing := BODY_BYTES - len(body):
            notes = range(max(missing, 0) // (_NOTE + 10))
            event["data"]["object"]["metadata"] = {f"note_{n}": "v" * _NOTE for n in notes}
        found.append(msgspec.json.encode(event))
        if len(found) == wanted:
            break
    assert found, "no events"
    return found


def _decoders(bodies: list[bytes]) -> dict[str, Any]:
    """How much of a bare msgspec decode's rate is left: by reading as we read, and by everything up to the facts."""
    assert bodies, "no subscriptions"
    bare = best(lambda: _each(msgspec.json.Decoder(Event).decode, bodies))
    read = best(lambda: _each(decoding.READERS["subscription"].in_event.decode, bodies))
    ours = best(lambda: _each(lambda body: providers.PROVIDERS["stripe"].decode(body, 0), bodies))
    return {
        "decode_per_s": len(bodies) / ours,
        "read_over_bare_msgspec": bare / read,
        "decode_over_bare_msgspec": bare / ours,
    }


def _each(decode: Callable[[bytes], object], bodies: list[bytes]) -> None:
    for body in bodies:
        decode(body)


def _imported(folder: Path, export: Path, count: int, workers: int) -> dict[str, Any]:
    folder.mkdir()
    journal, warehouse = Journal.create(folder / "journal.sqlite", created_at=0), Warehouse(folder / "facts.duckdb")
    appended = took(lambda: ingest.append(journal, "stripe", ingest.bodies(str(export), "stripe"), now=lambda: 1))
    stored = took(lambda: _stored(journal, warehouse, workers))
    counts = {name: warehouse.one(f"SELECT count(*) FROM {name}")[0] for name in ("outcome", *derive.SHELVES)}
    assert all(counts.values()), f"something is missing: {counts}"
    warehouse.close()
    journal.close()
    return {
        "file_to_facts_per_s": count / (appended.wall + stored.wall),
        "file_to_journal_per_s": count / appended.wall,
        "journal_to_facts_per_s": count / stored.wall,
        "file_to_journal_cpu_us": 1e6 * appended.cpu / count,
        "journal_to_facts_cpu_us": 1e6 * stored.cpu / count,
        "journal_bytes_per_event": (folder / "journal.sqlite").stat().st_size // count,
        **counts,
    }


def _stored(journal: Journal, warehouse: Warehouse, workers: int) -> None:
    warehouse.execute("BEGIN")
    warehouse.execute(sql("facts"))
    feed.store(warehouse, journal, 0, journal.head().seq, None, workers)
    warehouse.execute("COMMIT")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        told = measured(Path(place), int(sys.argv[1]) if len(sys.argv) > 1 else 30_000)
    print(json.dumps(told, indent=2))
