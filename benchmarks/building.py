"""The full build from facts, against a bare GROUP BY of the same tables, and postings into ledgers of two sizes."""

import random
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from benchmarks import fleet
from benchmarks.clock import Stages, best, cpu, median, p95, peak_mb, seconds
from mrr.dates import asked_at
from mrr.derivation import build, posting
from mrr.journal import Journal, Record
from mrr.policy import standard
from mrr.reports import rollforward
from mrr.reports.rollforward import Asked
from mrr.warehouse import Warehouse

# What every build must at least do: read each item version once and put it with its customer.
BARE = """SELECT count(*) FROM (
    SELECT f.customer_id, count(*), sum(i.quantity * i.unit_num), min(f.effective_at), max(f.effective_at)
    FROM subscription_fact AS f JOIN subscription_item AS i ON i.fact_id = f.fact_id
    GROUP BY f.customer_id)"""
AS_OF = "2025-01-01"


def built(folder: Path, customers: int) -> tuple[Warehouse, dict[str, Any]]:
    """A fleet's ledger in a file, and what building it took. A count of 0 is a failure."""
    path = folder / f"fleet-{customers}.duckdb"
    warehouse = Warehouse(path)
    fleet.write(warehouse, customers)
    warehouse.execute("CHECKPOINT")
    bare, bare_cpu = best(lambda: warehouse.rows(BARE)), min(cpu(lambda: warehouse.rows(BARE)) for _ in range(3))
    stages, began = Stages(), time.process_time()
    took = seconds(lambda: _build(warehouse, stages))
    took_cpu = time.process_time() - began
    counts = {name: warehouse.one(f"SELECT count(*) FROM {table}")[0] for name, table in _COUNTED.items()}
    assert all(counts.values()), f"something is missing: {counts}"
    figures = {
        "customers": customers,
        **counts,
        "bare_group_by_s": bare,
        "build_s": took,
        "build_over_bare": took / bare,
        "bare_group_by_cpu_s": bare_cpu,
        "build_cpu_s": took_cpu,
        "build_cpu_over_bare": took_cpu / bare_cpu,
        "cpu_microseconds_per_item_version": took_cpu * 1e6 / counts["item_versions"],
        "cpu_seconds_by_stage": stages.slowest_first(),
        "peak_mb": peak_mb(),
        "file_mb": path.stat().st_size // 2**20,
        "ledger_digest": posting.ledger_digest(warehouse),
    }
    warehouse.close()
    return opened(path), figures


def opened(path: Path) -> Warehouse:
    """A ledger as a service finds it: nothing of what building it took is left in memory."""
    warehouse = Warehouse(path)
    build.prepare(warehouse, standard())
    warehouse.prepared = True
    return warehouse


_COUNTED = {
    "item_versions": "subscription_item",
    "levels": "ledger.level",
    "movements": "ledger.movement",
    "lines": "ledger.line",
    "causes": "ledger.line WHERE in_flow",
}


def _build(warehouse: Warehouse, stages: Stages) -> None:
    build.prepare(warehouse, standard())
    build.whole(warehouse, stages)
    stages("checkpoint")
    warehouse.execute("CHECKPOINT")
    stages("over")


def posted(warehouse: Warehouse, folder: Path, customers: int) -> dict[str, Any]:
    """The median of postings that touch 1, 100 and 1,000 customers, by the whole of `posting.post`."""
    journal = Journal.create(folder / f"journal-{customers}.sqlite", created_at=0)
    mark(warehouse, journal)
    chance = random.Random(customers)

    def post(count: int) -> None:
        records = [record(number) for number in chance.sample(range(customers), count)]
        # The source must be one that a provider reads: of any other, every entry would only be quarantined.
        journal.append("native", records, 0, "")
        assert posting.post(warehouse, journal, standard()) == count

    # The first one of a connection makes the tables that later ones only fill.
    post(1)
    figures: dict[str, Any] = {}
    for count in (1, 100, 1_000):
        spent: list[float] = []
        figures[f"post_{count}_ms"] = 1000 * median(partial(_spending, spent, partial(post, count)))
        figures[f"post_{count}_cpu_ms"] = 1000 * statistics.median(spent)
    journal.close()
    return figures


def mark(warehouse: Warehouse, journal: Journal, engine: str = "", policy: str = "") -> None:
    """Have a ledger go on from the beginning of a journal; a book minds by which engine and policy it was made."""
    names = "journal_id VARCHAR, seq BIGINT, chain VARCHAR, engine VARCHAR, policy VARCHAR"
    warehouse.execute(f"CREATE TABLE watermark ({names})")
    warehouse.execute("INSERT INTO watermark VALUES (?, 0, '', ?, ?)", [journal.id, engine, policy])


def _spending(spent: list[float], work: Callable[[], object]) -> None:
    spent.append(cpu(work))


def record(number: int) -> Record:
    """A snapshot that changes what a customer of the fleet pays, as an entry to append."""
    name = f"{number:09d}"
    item = {"item": f"bench/si_{name}_0", "product": "p", "price": "q", "unit_amount": "70", "interval": "month"}
    fact = {
        "fact": "subscription",
        "subscription": f"bench/sub_{name}",
        "customer": f"bench/cus_{name}",
        "effective_at": "2024-06-01T00:00:07Z",
        "status": "active",
        "currency": "USD",
        "items": [item],
    }
    return Record(f"{name}-{random.random()}", "subscription", msgspec.json.encode(fact), 0)


def reported(warehouse: Warehouse) -> dict[str, Any]:
    """Roll-forwards over 36 months: the time that nineteen in twenty stay below."""
    moment, policy = asked_at(AS_OF, "UTC"), standard()

    def ask(by: str | None) -> None:
        # As after a posting: nothing of an answer before is at hand.
        warehouse.changed()
        asked = Asked("month", moment, by=by)
        assert rollforward.rollforward(warehouse, policy, asked)

    figures: dict[str, Any] = {}
    for by in (None, "plan"):
        spent: list[float] = []
        figures[f"rollforward_{by or 'total'}_p95_ms"] = 1000 * p95(partial(_spending, spent, partial(ask, by)), 20)
        figures[f"rollforward_{by or 'total'}_cpu_ms"] = 1000 * statistics.median(spent)
    figures["ledger_digest_cpu_ms"] = 1000 * cpu(lambda: posting.ledger_digest(warehouse))
    return figures
