"""From journal to ledger: the full build into a new file, and the posting of what is new in one transaction."""

import math
import os
from collections.abc import Callable, Iterator, Set
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import duckdb

from mrr import faults
from mrr.derivation import build, derive, feed
from mrr.derivation.engine import engine
from mrr.journal import Journal
from mrr.policy import Policy
from mrr.warehouse import Warehouse, remove, sql

Progress = Callable[[str, int, int], None]
# Above this share of all customers everybody is derived at once. Picking them out would still be a little quicker, but
# takes as much memory as they are many.
EVERYBODY = 0.5
# Up to so many entries or customers a second thread costs more than it saves.
FEW = 2_000
# Up to so many slices of a book are derived anew in one transaction; more would take too much room until its end.
MOST_SLICES = 4
# News of nothing but these touch the customers whom they name.
PLAIN = {"outcome", "subscription_fact", "subscription_item", "subscription_discount", "attribute"}

# What the small tables are made of that every connection holds for itself.
_MADE_OF = ("merge", "edit", "price", "coupon", "discount_given", "rate")


class Anew(Exception):
    """More is to be derived anew than one transaction should hold: `rebuild` does it. Nothing was posted."""


class Watermark(NamedTuple):
    """Which ledger a warehouse holds: whose journal, up to where, by which engine and policy."""

    journal_id: str
    seq: int
    chain: str
    engine: str
    policy: str


def watermark(warehouse: Warehouse) -> Watermark | None:
    """The mark that the last posting left, or None for a warehouse that was never built, or not by us."""
    try:
        marks = warehouse.rows("SELECT journal_id, seq, chain, engine, policy FROM watermark")
    except (duckdb.CatalogException, duckdb.BinderException):
        return None
    return Watermark(*marks[0]) if len(marks) == 1 else None


def belongs(mark: Watermark | None, journal: Journal, policy: Policy) -> bool:
    """Whether a ledger can go on from its mark: same journal and chain, same engine and policy."""
    if mark is None or mark.journal_id != journal.id:
        return False
    if mark.engine != engine() or mark.policy != policy.ledger_hash or mark.seq > journal.head().seq:
        return False
    return mark.chain == _chain(journal, mark.seq)


def _chain(journal: Journal, seq: int) -> str:
    return journal.entry(seq).digest.hex() if seq else ""


def rebuild(path: Path, journal: Journal, policy: Policy, progress: Progress | None = None) -> None:
    """Build a new file beside the old one, audit it, and put it in its place. The old one stays until then."""
    fresh = path.with_name(path.name + ".new")
    remove(fresh)
    try:
        warehouse = Warehouse(fresh)
        try:
            fill(warehouse, journal, policy, progress)
            warehouse.execute("CHECKPOINT")
        finally:
            warehouse.close()
    except BaseException:
        # Half a ledger is worth nothing, and on a full disk its room is needed.
        remove(fresh)
        raise
    faults.point("before rename")
    with suppress(FileNotFoundError):
        path.with_name(path.name + ".wal").unlink()
    os.replace(fresh, path)
    faults.point("after rename")


def fill(warehouse: Warehouse, journal: Journal, policy: Policy, progress: Progress | None = None) -> None:
    """Derive the whole ledger into an empty warehouse, which is none before it is marked as one, at the end.

    Only facts are many small inserts, and stored in one transaction. What a transaction drops takes room until its end,
    and a build drops five times as much as it keeps.
    """
    head = journal.head()
    with transaction(warehouse):
        warehouse.execute(sql("facts"))
        feed.store(warehouse, journal, 0, head.seq, progress)
    derive.shelve(warehouse)
    derive.settle(warehouse, 0)
    build.prepare(warehouse, policy)
    build.whole(warehouse, progress)
    with transaction(warehouse):
        _mark(warehouse, journal, head.seq, policy)


def post(
    warehouse: Warehouse,
    journal: Journal,
    policy: Policy,
    progress: Progress | None = None,
    *,
    served: bool = False,
    most: float = math.inf,
) -> int:
    """Take in what the journal holds behind the watermark. Returns how many customers were derived anew.

    `served`: others use this process meanwhile. Raises Anew for a book of more than `most` slices of which everybody is
    to be derived anew.
    """
    mark = watermark(warehouse)
    assert mark is not None
    head = journal.head()
    if head.seq == mark.seq:
        return 0
    # The transaction ends first: where it failed, nothing else can be asked of the connection.
    with ExitStack() as turn, transaction(warehouse):
        # Whoever runs a query waits for the interpreter after each of its tasks. Where others use that, DuckDB's own
        # threads do the work, for they need none.
        turn.enter_context(warehouse.alone(not served and head.seq - mark.seq <= FEW))
        news = feed.store(warehouse, journal, mark.seq, head.seq, progress)
        derive.settle(warehouse, mark.seq)
        refresh(warehouse, mark.seq, policy, news)
        plain = news <= PLAIN and policy["basis"] == "subscription"
        touched = [name for (name,) in warehouse.rows(sql("models/touched_plain" if plain else "models/touched"))]
        (known,) = warehouse.one("SELECT count(*) FROM ledger.customer_digest")
        everybody = len(touched) > max(EVERYBODY * known, 100)
        if everybody or len(touched) > FEW:
            turn.close()
        if everybody:
            if build.slices(warehouse) > most:
                raise Anew
            build.whole(warehouse, progress)
        else:
            build.some(warehouse, touched, progress)
        _mark(warehouse, journal, head.seq, policy)
    return len(touched)


def ready(warehouse: Warehouse, policy: Policy) -> None:
    """Prepare a connection for deriving: the policy's tables and the catalogue."""
    if not warehouse.prepared:
        build.prepare(warehouse, policy)
        warehouse.prepared = True


def refresh(warehouse: Warehouse, seq: int, policy: Policy, news: Set[str] | None = None) -> None:
    """Bring the small tables up to date that new facts of their kind change; `news` are the tables that have some."""
    warehouse.temp("posted", "seq BIGINT", [(seq,)])
    if not warehouse.prepared:
        ready(warehouse, policy)
        return
    news = _news(warehouse, seq) if news is None else news
    if news & {"merge", "edit"}:
        build.identities(warehouse)
    if news & {"price", "coupon", "discount_given", "edit"}:
        build.run(warehouse, build.CATALOGUE)
    if news & {"rate", "edit"}:
        build.run(warehouse, build.RATES)


def _news(warehouse: Warehouse, seq: int) -> set[str]:
    """Which of the tables that others are made of have rows of entries behind a seq."""
    asked = (f"EXISTS (SELECT 1 FROM {table} WHERE seq > {int(seq)})" for table in _MADE_OF)
    found = warehouse.one(f"SELECT {', '.join(asked)}")
    return {table for table, is_new in zip(_MADE_OF, found, strict=True) if is_new}


def _mark(warehouse: Warehouse, journal: Journal, seq: int, policy: Policy) -> None:
    warehouse.execute("""CREATE TABLE IF NOT EXISTS watermark (
        journal_id VARCHAR, seq BIGINT, chain VARCHAR, engine VARCHAR, policy VARCHAR)""")
    warehouse.execute("DELETE FROM watermark")
    mark = Watermark(journal.id, seq, _chain(journal, seq), engine(), policy.ledger_hash)
    warehouse.execute(f"INSERT INTO watermark ({', '.join(Watermark._fields)}) VALUES (?, ?, ?, ?, ?)", list(mark))
    faults.point("before commit")


@contextmanager
def transaction(warehouse: Warehouse) -> Iterator[None]:
    """All or nothing; what is read within is of one state."""
    warehouse.execute("BEGIN")
    try:
        yield
    except BaseException:
        warehouse.forget()
        warehouse.execute("ROLLBACK")
        raise
    try:
        warehouse.execute("COMMIT")
    except BaseException:
        warehouse.forget()
        raise


def ledger_digest(warehouse: Warehouse) -> str:
    """SHA-256 (hex) over all customers' digests, read anew: equal ledgers, equal digests."""
    return _digest(warehouse, f"({sql('reports/block_digest').replace('$fingerprints', 'ledger.customer_digest')})")


def told_digest(warehouse: Warehouse) -> str:
    """The same for reports, out of the digests of blocks that every posting keeps: it reads no customer's."""
    return _digest(warehouse, "ledger.block_digest")


def _digest(warehouse: Warehouse, blocks: str) -> str:
    return str(warehouse.one(sql("reports/ledger_digest").replace("$blocks", blocks))[0])
