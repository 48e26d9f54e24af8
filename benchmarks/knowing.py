"""What was known a week ago, against a full build: one customer in a hundred has news since."""

import random
from pathlib import Path
from typing import Any

from benchmarks import building
from benchmarks.clock import seconds
from mrr import ledgers, posting, rollforward
from mrr.dates import asked_at
from mrr.engine import engine
from mrr.frame import Asked
from mrr.journal import Journal
from mrr.ledgers import Ledger
from mrr.policy import standard
from mrr.warehouse import Warehouse


def known(warehouse: Warehouse, folder: Path, customers: int, build_s: float) -> dict[str, Any]:
    """Post news of one in a hundred, then open the ledger before them and ask it for a roll-forward."""
    policy, before = standard(), posting.ledger_digest(warehouse)
    journal = Journal.create(folder / f"known-{customers}.sqlite", created_at=0)
    warehouse.execute(
        "CREATE OR REPLACE TABLE watermark AS SELECT ? AS journal_id, 0::BIGINT AS seq, '' AS chain, ? AS engine, ? AS policy",
        [journal.id, engine(), policy.ledger_hash],
    )
    chosen = random.Random(customers).sample(range(customers), max(customers // 100, 1))
    journal.append("bench", [building.record(number) for number in chosen], 0, "")
    posting.post(warehouse, journal, policy)
    journal.close()

    def ask() -> None:
        with ledgers.opened(warehouse, Ledger(policy, 0, 0)) as then:
            assert posting.ledger_digest(then) == before
            assert rollforward.rollforward(then, policy, Asked("month", asked_at(building.AS_OF, "UTC")))

    took = seconds(ask)
    return {"changed_customers": len(chosen), "known_at_s": took, "known_at_over_build": took / build_s}
