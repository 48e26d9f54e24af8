"""What was known a week ago, against a full build: one customer in a hundred has news since.

`python -m benchmarks.knowing [CUSTOMERS]`, a hundred thousand by default; ten item versions each.
"""

import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import building
from benchmarks.clock import cpu
from mrr.dates import asked_at
from mrr.derivation import ledgers, posting
from mrr.derivation.ledgers import Ledger
from mrr.journal import Journal
from mrr.policy import standard
from mrr.reports import rollforward
from mrr.reports.frame import Asked
from mrr.warehouse import Warehouse


def known(warehouse: Warehouse, folder: Path, customers: int, build_s: float) -> dict[str, Any]:
    """Post news of one in a hundred, then open the ledger before them and ask it for a roll-forward.

    `build_s` are the CPU seconds of the full build. The ledger before the news must have the digest that it had then.
    """
    policy, before = standard(), posting.ledger_digest(warehouse)
    journal = Journal.open(folder / f"journal-{customers}.sqlite")
    head = journal.head().seq
    chosen = random.Random(customers).sample(range(customers), max(customers // 100, 1))
    journal.append("native", [building.record(number) for number in chosen], 0, "")
    assert posting.post(warehouse, journal, policy)
    journal.close()

    def ask() -> None:
        with ledgers.opened(warehouse, Ledger(policy, head, head)) as then:
            assert posting.ledger_digest(then) == before
            assert rollforward.rollforward(then, policy, Asked("month", asked_at(building.AS_OF, "UTC")))

    took = cpu(ask)
    return {
        "known_at_changed_customers": len(chosen),
        "known_at_cpu_s": took,
        "known_at_cpu_over_build": took / build_s,
    }


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as place:
        ledger, figures = building.built(Path(place), number)
        figures |= building.reported(ledger) | building.posted(ledger, Path(place), number)
        figures |= known(ledger, Path(place), number, figures["build_cpu_s"])
        for name, value in figures.items():
            print(f"{name:30} {value:,.3f}" if isinstance(value, float) else f"{name:30} {value}")
