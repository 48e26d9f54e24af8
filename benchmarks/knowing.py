"""What was known a week ago, against a full build: one customer in a hundred has news since."""

import random
from pathlib import Path
from typing import Any

from benchmarks import building
from benchmarks.clock import cpu
from mrr import ledgers, posting, rollforward
from mrr.dates import asked_at
from mrr.frame import Asked
from mrr.journal import Journal
from mrr.ledgers import Ledger
from mrr.policy import standard
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
