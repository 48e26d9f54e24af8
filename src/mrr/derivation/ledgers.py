"""Any ledger beside the book's own: another prefix, sources, edits or policy, on the facts that stand already."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from mrr.derivation import build, derive, posting, rollup, terms
from mrr.derivation.engine import engine
from mrr.derivation.posting import Progress
from mrr.policy import Policy
from mrr.warehouse import Warehouse, sql

# Whose entries are edits: they have a prefix of their own, so that a bridge can take them as a step of their own.
EDITS = "edits"
# Sources that bill nobody: they count whichever sources are chosen.
ALWAYS = (EDITS, "governance", "rates", "reconciliation")


class Ledger(NamedTuple):
    """Which ledger: a policy over the entries up to `seq`, edits up to `edits_seq`, of some sources or all.

    `also` are single entries that count though their prefix lacks them, or do not though it has them; a redelivery
    tells nothing that its first delivery does not. A source `native` means `native:eu` too.
    """

    policy: Policy
    seq: int
    edits_seq: int
    also: frozenset[int] = frozenset()
    sources: tuple[str, ...] | None = None

    @property
    def is_prefix(self) -> bool:
        """Whether it rests on everything that was known at one time."""
        return self.seq == self.edits_seq and not self.also and self.sources is None


@contextmanager
def opened(
    book: Warehouse, wanted: Ledger, customers: Collection[str] | None = None, progress: Progress | None = None
) -> Iterator[Warehouse]:
    """A ledger as a warehouse of its own, in memory; gone afterwards. All reports run on it.

    `book` stands at the journal's head. Given `customers` (canonical ids), only these are in it. Where only the prefix
    differs from what the book holds, only the customers whom later entries touch are derived.
    """
    with book.beside() as scratch:
        terms.write(scratch, wanted.policy)
        late = _late(book, scratch, wanted) if customers is None else None
        _facts(book, scratch, wanted)
        build.lay_out(scratch)
        if customers is not None:
            _some(scratch, customers)
            build.publish(scratch, anew=True)
            rollup.add(scratch)
        elif late is not None:
            _overlay(book, scratch, late)
        else:
            _own(scratch)
            build.whole(scratch, progress)
        scratch.prepared = True
        yield scratch


def _late(book: Warehouse, scratch: Warehouse, wanted: Ledger) -> list[str] | None:
    """The customers whom entries behind the prefix touch, where the book's ledger can be told from by these alone."""
    mark = posting.watermark(book)
    assert mark is not None
    if not wanted.is_prefix or (mark.policy, mark.engine) != (wanted.policy.ledger_hash, engine()):
        return None
    _facts(book, scratch, wanted._replace(seq=mark.seq, edits_seq=mark.seq))
    scratch.execute(f"CREATE OR REPLACE VIEW ledger.level AS FROM {book.name}.ledger.level")
    build.lay_out(scratch)
    scratch.temp("posted", "seq BIGINT", [(wanted.seq,)])
    touched = [name for (name,) in scratch.rows(sql("models/touched"))]
    scratch.execute("DROP VIEW ledger.level")
    (known,) = book.one("SELECT count(*) FROM ledger.customer_digest")
    return None if len(touched) > max(posting.EVERYBODY * known, 100) else touched


def _facts(book: Warehouse, scratch: Warehouse, wanted: Ledger) -> None:
    """The tables of facts as views on the book's, of the entries that count; what is rolled up is there, and empty."""
    scratch.execute("CREATE SCHEMA IF NOT EXISTS ledger")
    for table in rollup.TABLES:
        scratch.execute(f"CREATE OR REPLACE TABLE ledger.{table} AS FROM {book.name}.ledger.{table} LIMIT 0")
    if not wanted.is_prefix:
        scratch.execute(
            f"CREATE OR REPLACE TABLE admitted AS SELECT o.seq FROM {book.name}.outcome AS o {_where(wanted)}"
        )
    for table, seq in tables(book):
        counts = f"{seq} <= {wanted.seq}" if wanted.is_prefix else f"{seq} IN (SELECT a.seq FROM admitted AS a)"
        scratch.execute(f"CREATE OR REPLACE VIEW {table} AS SELECT t.* FROM {book.name}.{table} AS t WHERE {counts}")


def tables(book: Warehouse) -> list[tuple[str, str]]:
    """The tables of facts of a warehouse, each with the SQL by which a row `t` names the entry that told it."""
    found = book.rows(
        """SELECT table_name, bool_or(column_name = 'seq') FROM duckdb_columns()
        WHERE '"' || database_name || '"' = ? AND schema_name = 'main' AND column_name IN ('seq', 'fact_id')
            AND table_name <> 'watermark'
        GROUP BY table_name ORDER BY table_name""",
        [book.name],
    )
    return [(table, "t.seq" if has_seq else f"t.fact_id // {derive.PER_ENTRY}") for table, has_seq in found]


def _where(wanted: Ledger) -> str:
    also = f" <> (o.seq IN ({', '.join(map(str, sorted(wanted.also)))}))" if wanted.also else ""
    known = f"WHERE (o.seq <= CASE WHEN {_of(EDITS)} THEN {wanted.edits_seq} ELSE {wanted.seq} END){also}"
    if wanted.sources is not None:
        known += f" AND ({' OR '.join(_of(name) for name in (*wanted.sources, *ALWAYS))})"
    return known


def _of(source: str) -> str:
    text = source.replace("'", "''")
    return f"(o.source = '{text}' OR starts_with(o.source, '{text}:'))"


def _own(scratch: Warehouse, only: str = "") -> None:
    """Facts of subscriptions as a table: which of one instant stands must be settled among those that count alone."""
    scratch.execute(
        f"CREATE TABLE own_fact AS SELECT f.* REPLACE (0 AS ordinal, TRUE AS stands) FROM subscription_fact AS f {only}"
    )
    scratch.execute("ALTER VIEW subscription_fact RENAME TO all_fact")
    scratch.execute("ALTER TABLE own_fact RENAME TO subscription_fact")
    derive.place(scratch, 0)


def _some(scratch: Warehouse, customers: Collection[str]) -> None:
    """Derive some customers into the temporary tables of the models."""
    build.scope(scratch, customers)
    _own(
        scratch, "SEMI JOIN temp.scope_subscription AS s ON s.shelf = f.shelf AND s.subscription_id = f.subscription_id"
    )
    build.derive(scratch)
    build.audit(scratch, "temp")


def _overlay(book: Warehouse, scratch: Warehouse, late: Collection[str]) -> None:
    """Lay the customers who looked otherwise over what the book holds of all others."""
    for table in build.STORED:
        scratch.execute(f"CREATE VIEW ledger.{table} AS FROM {book.name}.ledger.{table}")
    for table in rollup.TABLES:
        scratch.execute(f"INSERT INTO ledger.{table} FROM {book.name}.ledger.{table}")
    build.scope(scratch, late)
    rollup.recall(scratch)
    _some(scratch, late)
    rollup.add(scratch, recalled=True)
    scratch.execute("CREATE SCHEMA late")
    scratch.execute("CREATE TABLE late.customer AS FROM temp.scope_customer")
    for table in build.STORED:
        scratch.execute(f"CREATE TABLE late.{table} AS SELECT *, shelf(customer_id) AS shelf FROM temp.{table}")
        scratch.execute(
            f"""CREATE OR REPLACE VIEW ledger.{table} AS
            SELECT t.* FROM {book.name}.ledger.{table} AS t
            ANTI JOIN late.customer AS c ON c.shelf = t.shelf AND c.customer_id = t.customer_id
            UNION ALL BY NAME SELECT * FROM late.{table}"""
        )
    rollup.digest(scratch)
    _everybody_again(scratch)


def _everybody_again(scratch: Warehouse) -> None:
    """All facts again: where `as_of` cuts a window, also of those who are not late must be derived."""
    scratch.execute("ALTER TABLE subscription_fact RENAME TO own_fact")
    scratch.execute(
        """CREATE VIEW subscription_fact AS
        SELECT f.* FROM all_fact AS f
        ANTI JOIN (SELECT DISTINCT shelf, subscription_id FROM own_fact) AS o
            ON o.shelf = f.shelf AND o.subscription_id = f.subscription_id
        UNION ALL BY NAME SELECT * FROM own_fact"""
    )
