"""A bridge between two ledgers of whom one customer in a hundred differs, against computing one of them.

`python -m benchmarks.bridging [CUSTOMERS]`, a hundred thousand by default.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import fleet
from benchmarks.clock import cpu, peak_mb
from mrr.answers import Definition
from mrr.bridge import Asked, End, bridge
from mrr.dates import asked_at
from mrr.derivation import build, ledgers
from mrr.derivation.derive import PER_ENTRY
from mrr.derivation.engine import engine
from mrr.derivation.ledgers import Ledger
from mrr.policy import standard
from mrr.warehouse import Warehouse

AS_OF = asked_at("2025-01-01", "UTC")
# One customer in a hundred is our own, and one in a hundred came behind the prefix.
_ATTRIBUTES = """INSERT INTO attribute BY NAME
SELECT DISTINCT fact_id, seq, digest, customer_id, 'internal' AS key, 'true' AS value, customer_shelf AS shelf
FROM subscription_fact WHERE fact_id % 6400 = 0"""
_OUTCOMES = """INSERT INTO outcome BY NAME
SELECT seq, 'bench' AS source, CAST(seq AS VARCHAR) AS key, 'fleet' AS kind,
    TIMESTAMP '2025-01-01' AS recorded_at, 'decoded' AS outcome, CAST(seq AS VARCHAR) AS content
FROM (SELECT seq FROM subscription_fact UNION SELECT seq FROM rate)"""


def book(folder: Path, customers: int) -> Warehouse:
    """A fleet's ledger in a file, its facts filed under entries of 64 customers each."""
    warehouse = Warehouse(folder / "bridge.duckdb")
    # As if entries had told them: a prefix of the journal is then a share of the fleet.
    fleet.write(warehouse, customers, before=-PER_ENTRY)
    warehouse.execute(f"UPDATE subscription_fact SET seq = fact_id // {PER_ENTRY}")
    for statement in (_ATTRIBUTES, _OUTCOMES):
        warehouse.execute(statement)
    build.prepare(warehouse, standard())
    build.whole(warehouse)
    warehouse.execute("CREATE TABLE watermark (journal_id TEXT, seq BIGINT, chain TEXT, engine TEXT, policy TEXT)")
    (head,) = warehouse.one("SELECT max(seq) FROM outcome")
    warehouse.execute("INSERT INTO watermark VALUES ('', ?, '', ?, ?)", [head, engine(), standard().ledger_hash])
    warehouse.execute("CHECKPOINT")
    return warehouse


def measured(folder: Path, customers: int) -> dict[str, Any]:
    """CPU seconds, and as shares of what computing one ledger takes. An empty bridge is a failure."""
    warehouse = book(folder, customers)
    (head,) = warehouse.one("SELECT max(seq) FROM outcome")
    now = Ledger(standard(), head, head)
    without = standard().differing({"customers.exclude": [{"internal": "true"}]})
    other = now._replace(policy=without)
    before = now._replace(seq=head - head // 100, edits_seq=head - head // 100)
    figures: dict[str, Any] = {"customers": customers, "one_ledger_cpu_s": cpu(lambda: _computed(warehouse, other))}
    for name, left in (("policy", other), ("prefix", before)):
        took, differ = _crossed(warehouse, left, now)
        ratio = took / figures["one_ledger_cpu_s"]
        figures |= {f"{name}_cpu_s": took, f"{name}_differ": differ, f"{name}_ratio": ratio}
    warehouse.close()
    return figures | {"peak_mb": peak_mb()}


def _computed(warehouse: Warehouse, ledger: Ledger) -> None:
    with ledgers.opened(warehouse, ledger):
        pass


def _crossed(warehouse: Warehouse, left: Ledger, right: Ledger) -> tuple[float, int]:
    meant = Definition("mrr.bridge", "", "", "", "USD", "UTC", AS_OF, right.seq, 0, "")
    found = []

    def cross() -> None:
        found.append(bridge(warehouse, End("left", left), End("right", right), Asked(AS_OF), meant))

    took = cpu(cross)
    assert found[0].rows, "the bridge is empty"
    assert found[0].remainder_micros == 0
    return took, found[0].customers


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        for name, value in measured(Path(place), int(sys.argv[1]) if len(sys.argv) > 1 else 100_000).items():
            print(f"{name:16} {value:,.2f}" if isinstance(value, float) else f"{name:16} {value:,}")
