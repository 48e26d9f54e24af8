"""How a ledger's file grows with postings, against the same rows in a file that never held others.

`python -m benchmarks.growing [POSTINGS] [CUSTOMERS] [TOUCHED]`: so many postings into a ledger of so many customers,
each of which touches so many of them.
"""

import random
import sys
import tempfile
from pathlib import Path

from benchmarks import building, fleet
from mrr.derivation import build, posting
from mrr.journal import Journal
from mrr.policy import standard
from mrr.warehouse import ROWS, Warehouse

# The file is looked at so often.
LOOKS = 20


def main(postings: int, customers: int, touched: int) -> None:
    """Post, and print now and then how large the file and its log are, and how much of the file is in use."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        path = folder / "ledger.duckdb"
        warehouse, journal = Warehouse(path), Journal.create(folder / "journal.sqlite", created_at=0)
        fleet.write(warehouse, customers)
        build.prepare(warehouse, standard())
        build.whole(warehouse)
        building.mark(warehouse, journal)
        warehouse.execute("CHECKPOINT")
        print("postings  file MB   log MB   in use")
        _look(warehouse, path, 0)
        chance = random.Random(postings)
        for number in range(1, postings + 1):
            records = [building.record(name) for name in chance.sample(range(customers), touched)]
            journal.append("native", records, 0, "")
            assert posting.post(warehouse, journal, standard()) == touched
            if number % max(postings // LOOKS, 1) == 0:
                _look(warehouse, path, number)
        _rewritten(warehouse, path, folder / "fresh.duckdb")
        warehouse.close()
        journal.close()


def _look(warehouse: Warehouse, path: Path, number: int) -> None:
    asked = "SELECT block_size, used_blocks FROM pragma_database_size() WHERE database_name = 'book'"
    block, used = warehouse.one(asked)
    log = path.with_name(path.name + ".wal")
    sizes = (path.stat().st_size, log.stat().st_size if log.exists() else 0, block * used)
    print(f"{number:8,} " + " ".join(f"{size / 2**20:8.1f}" for size in sizes), flush=True)


def _rewritten(warehouse: Warehouse, path: Path, fresh: Path) -> None:
    warehouse.execute("CHECKPOINT")
    warehouse.execute(f"ATTACH '{fresh}' AS fresh (ROW_GROUP_SIZE {ROWS})")
    warehouse.execute("COPY FROM DATABASE book TO fresh")
    warehouse.execute("DETACH fresh")
    size, here = fresh.stat().st_size / 2**20, path.stat().st_size / 2**20
    print(f"the same rows in a fresh file: {size:.1f} MB, here {here:.1f} MB, {here / size:.2f} times as much")


if __name__ == "__main__":
    told = [int(word) for word in sys.argv[1:]]
    main(*(told + [2_000, 5_000, 100][len(told) :]))
