"""Webhook bodies to journal to facts, and decoding against a bare msgspec decode of the same struct."""

from pathlib import Path
from typing import Any

import msgspec

from benchmarks.clock import best, seconds
from mrr import derive, ingest, providers
from mrr.journal import Journal
from mrr.providers.stripe import shapes
from mrr.simulate import company, delivered
from mrr.warehouse import Warehouse, sql

# A webhook of a real account is about as long; what is missing is made up by metadata.
BODY_BYTES = 4_500


class Data(msgspec.Struct):
    """The object of an event, read into the struct that the decoder reads it into."""

    object: shapes.Subscription


class Event(msgspec.Struct):
    """As little of an event as holds a subscription."""

    data: Data


def measured(folder: Path, wanted: int) -> dict[str, Any]:
    """Events a second from bytes to durable entries to rows of facts, and the two decoders' rates."""
    bodies = _bodies(wanted)
    whole = seconds(lambda: _imported(folder, bodies))
    subscriptions = [body for body in bodies if b'"customer.subscription.' in body]
    bare = best(lambda: _bare(subscriptions))
    ours = best(lambda: _decoded(subscriptions))
    return {
        "events": len(bodies),
        "mean_bytes": sum(map(len, bodies)) // len(bodies),
        "file_to_facts_per_s": len(bodies) / whole,
        "decode_per_s": len(subscriptions) / ours,
        "decode_over_bare_msgspec": bare / ours,
    }


def _bodies(wanted: int) -> list[bytes]:
    told = company(7, wanted // 8, 24, invoices=False)
    found: list[bytes] = []
    for body in delivered(told.events(), seed=7):
        event = msgspec.json.decode(body)
        if missing := BODY_BYTES - len(body):
            event["data"]["object"]["metadata"] = {f"note_{n}": "v" * 440 for n in range(max(missing, 0) // 450)}
        found.append(msgspec.json.encode(event))
        if len(found) == wanted:
            break
    return found


def _imported(folder: Path, bodies: list[bytes]) -> None:
    journal = Journal.create(folder / "import.sqlite", created_at=0)
    warehouse = Warehouse(folder / "import.duckdb")
    warehouse.execute(sql("facts"))
    ingest.append(journal, "stripe", bodies, now=lambda: 1)
    for entries in journal.read(until=journal.head().seq, batch=5_000):
        derive.store(warehouse, derive.decoded(entries))
    (stored,) = warehouse.one("SELECT count(*) FROM subscription_fact")
    assert stored, "no facts came of it"
    warehouse.close()
    journal.close()


def _bare(bodies: list[bytes]) -> None:
    decoder = msgspec.json.Decoder(Event)
    for body in bodies:
        decoder.decode(body)


def _decoded(bodies: list[bytes]) -> None:
    decode = providers.PROVIDERS["stripe"].decode
    for body in bodies:
        decode(body, 0)
