"""The book with what somebody else says laid on top of it, in a scratch beside it: nothing of the book changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from mrr.derivation import build, derive, ledgers
from mrr.derivation.rehearsal import kept
from mrr.journal import Entry, Head
from mrr.policy import Policy
from mrr.warehouse import Warehouse, sql

_BATCH = 5_000


def entries(records: Path, source: str, head: Head) -> Iterator[Entry]:
    """The records of a file as the entries that they would be behind the journal's head."""
    for seq, record in enumerate(kept(records), start=head.seq + 1):
        name = (seq, source, record.key, record.kind, record.occurred_at, head.recorded_at)
        yield Entry(*name, record.body, b"", b"")


@contextmanager
def laid_on(book: Warehouse, policy: Policy, told: Iterator[Entry]) -> Iterator[Warehouse]:
    """A scratch warehouse whose facts are the book's and those of some entries; these alone are called `told_…`."""
    with book.beside() as scratch:
        scratch.execute(sql("facts"))
        while batch := list(islice(told, _BATCH)):
            derive.store(scratch, derive.decoded(batch))
        for table, _ in ledgers.tables(scratch):
            scratch.execute(f"ALTER TABLE {table} RENAME TO told_{table}")
            scratch.execute(f"CREATE VIEW {table} AS FROM {book.name}.{table} UNION ALL BY NAME FROM told_{table}")
        build.prepare(scratch, policy)
        yield scratch


def scoped(scratch: Warehouse, customers: str) -> None:
    """Put the customers of a query (canonical ids) in scope, with all that is told of them on either side."""
    scratch.create("scope_customer", f"SELECT customer_id, shelf(customer_id) AS shelf FROM ({customers})")
    build.run(scratch, build.SCOPE)
    scratch.execute("ALTER VIEW subscription_fact RENAME TO every_fact")


def derived(scratch: Warehouse, only: str = "TRUE") -> None:
    """Derive the customers in scope from some facts of theirs; what is told of one instant is settled among these."""
    scratch.execute(
        f"""CREATE OR REPLACE TABLE subscription_fact AS
        SELECT f.* REPLACE (0 AS ordinal, TRUE AS stands) FROM every_fact AS f
        SEMI JOIN temp.scope_subscription AS s ON s.shelf = f.shelf AND s.subscription_id = f.subscription_id
        WHERE {only}"""
    )
    derive.place(scratch, 0)
    build.derive(scratch)
    build.audit(scratch, "temp")
