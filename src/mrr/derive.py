"""Journal to facts: decode each entry, settle repeated keys, put facts of one instant in order. Pure and replayable."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from mrr.errors import DecodeError
from mrr.facts import content_digest
from mrr.journal import Entry
from mrr.order import Instant, Node, in_order
from mrr.providers import Irrelevant, of_source
from mrr.rows import Row, rows
from mrr.warehouse import Columns, Warehouse

# Facts of one entry are numbered within it.
PER_ENTRY = 4096
OUTCOMES = ("decoded", "irrelevant", "quarantined", "duplicate", "key_reused", "conflict")
# Tables whose rows carry the seq of their entry, and those that hang on a fact.
BY_SEQ: tuple[str, ...] = ("subscription_fact", "customer_discount", "discount_given", "coupon", "price", "product")
BY_SEQ += ("attribute", "merge", "continuation", "rate", "invoice", "payment", "checkout", "usage", "cost")
BY_FACT = ("subscription_item", "subscription_discount", "invoice_line")
# By which id the rows of the large tables are looked up; their last columns are its shelf (facts.sql).
SHELVES = {
    "outcome": "shelf(source || '/' || key)",
    "subscription_fact": "shelf(subscription_id), shelf(customer_id)",
    "subscription_item": "shelf(subscription_id)",
    "subscription_discount": "shelf(subscription_id)",
    "attribute": "shelf(customer_id)",
}

Tables = dict[str, list[Row]]


def decoded(entries: Iterable[Entry]) -> Tables:
    """The rows of all tables of facts, and one `outcome` an entry. Nothing is dropped: what cannot be read says why."""
    tables: Tables = defaultdict(list)
    for entry in entries:
        try:
            outcome, told = _decoded(entry)
        except DecodeError as error:
            outcome, told = _outcome(entry, "quarantined", str(error)), []
        except Exception as error:
            # No single body may stop a book: a decoder that fails has found a defect of its own.
            reason = f"the decoder failed, please report it: {type(error).__name__}: {error}"
            outcome, told = _outcome(entry, "quarantined", reason), []
        tables["outcome"].append(outcome)
        for table, row in told:
            tables[table].append(row)
    return tables


def _decoded(entry: Entry) -> tuple[Row, list[tuple[str, Row]]]:
    """The outcome of one entry, and the rows of its facts with the tables that they belong to."""
    observed_at = entry.recorded_at if entry.occurred_at is None else entry.occurred_at
    facts = of_source(entry.source).decode(entry.body, observed_at)
    if isinstance(facts, Irrelevant):
        return _outcome(entry, "irrelevant", facts.name), []
    told: list[tuple[str, Row]] = []
    subjects, contents = [entry.kind], []
    for fact_id, fact in enumerate(facts, start=entry.seq * PER_ENTRY):
        content, subject = content_digest(fact), f"{type(fact).__name__}/{fact.subject}/{fact.effective_at}"
        subjects.append(subject)
        contents.append(f"{subject}/{content}")
        told += rows(fact, fact_id, entry.seq, entry.source, content)
    # What an entry says as a whole: equal for a redelivery, whatever its bytes. Of what and when it speaks: another
    # body under the same key and subjects contradicts it.
    said = hashlib.sha256("\n".join(contents).encode()).hexdigest()
    return _outcome(entry, "decoded", None, said, "\n".join(subjects)), told


def _outcome(
    entry: Entry, outcome: str, reason: str | None, content: str | None = None, subject: str | None = None
) -> Row:
    return (entry.seq, entry.source, entry.key, entry.kind, entry.recorded_at, outcome, reason, content, subject)


def columns(warehouse: Warehouse, tables: Tables) -> Columns:
    """Decoded rows as columns of the types that a warehouse's tables of facts have."""
    return {table: warehouse.columns(table, content) for table, content in tables.items() if content}


def take(warehouse: Warehouse, told: Columns) -> None:
    """Append decoded rows, as columns, to the warehouse's tables of facts."""
    for table, content in told.items():
        warehouse.take(table, content, SHELVES.get(table, ""))


def store(warehouse: Warehouse, tables: Tables) -> None:
    """Append decoded rows to the warehouse's tables of facts."""
    take(warehouse, columns(warehouse, tables))


def shelve(warehouse: Warehouse) -> None:
    """Put the rows of the large tables in the order of their shelves, after all of them were stored."""
    for table in SHELVES:
        warehouse.execute(f"CREATE TABLE shelved AS SELECT * FROM {table} ORDER BY shelf")
        warehouse.execute(f"DROP TABLE {table}")
        warehouse.execute(f"ALTER TABLE shelved RENAME TO {table}")


def settle_keys(warehouse: Warehouse, after: int) -> None:
    """Tell redeliveries (equal facts: set aside) from reused keys (both stand) and contradictions of one key.

    Looks at the keys of entries behind seq `after`. What contradicts of a subscription is left to `settle_order`.
    """
    warehouse.create(
        "repeated",
        f"""SELECT o.seq, row_number() OVER (PARTITION BY o.source, o.key, o.subject, o.content ORDER BY o.seq) AS copy,
            o.seq > min(o.seq) OVER (PARTITION BY o.source, o.key)
                AND o.seq = min(o.seq) OVER (PARTITION BY o.source, o.key, o.subject) AS is_reuse,
            o.content > min(o.content) OVER (PARTITION BY o.source, o.key, o.subject)
                AND o.subject NOT LIKE '%Subscription/%' AS contradicts
        FROM outcome AS o
        SEMI JOIN (
            SELECT o.shelf, o.source, o.key
            FROM outcome AS o
            SEMI JOIN (SELECT shelf, source, key FROM outcome WHERE seq > {int(after)}) AS n
                ON n.shelf = o.shelf AND n.source = o.source AND n.key = o.key
            WHERE o.content IS NOT NULL
            GROUP BY o.shelf, o.source, o.key HAVING count(*) > 1
        ) AS k ON k.shelf = o.shelf AND k.source = o.source AND k.key = o.key
        WHERE o.content IS NOT NULL""",
    )
    if warehouse.one("SELECT count(*) FROM repeated")[0] == 0:
        return
    for table in BY_FACT:
        warehouse.execute(
            f"DELETE FROM {table} WHERE fact_id // {PER_ENTRY} IN (SELECT seq FROM repeated WHERE copy > 1)"
        )
    for table in BY_SEQ:
        warehouse.execute(f"DELETE FROM {table} WHERE seq IN (SELECT seq FROM repeated WHERE copy > 1)")
    warehouse.execute("""UPDATE outcome SET
            outcome = CASE WHEN r.copy > 1 THEN 'duplicate' WHEN r.contradicts THEN 'conflict'
                WHEN r.is_reuse THEN 'key_reused' ELSE 'decoded' END,
            reason = CASE WHEN r.copy > 1 THEN 'redelivered with equal facts'
                WHEN r.contradicts THEN 'another entry of its key tells something else; the lowest digest stands'
                WHEN r.is_reuse THEN 'its key was used before for something else' END
        FROM repeated AS r WHERE r.seq = outcome.seq AND (outcome.outcome <> 'conflict' OR r.contradicts)""")


def settle_order(warehouse: Warehouse, after: int) -> None:
    """Put the facts of one subscription and instant in order, where entries behind seq `after` speak of it."""
    ties = warehouse.rows(f"""
        SELECT f.subscription_id, f.effective_at, f.fact_id, f.seq, f.digest, f.content, f.prior, f.change
        FROM subscription_fact AS f
        SEMI JOIN (
            SELECT o.shelf, o.subscription_id, o.effective_at
            FROM subscription_fact AS o
            SEMI JOIN (SELECT shelf, subscription_id FROM subscription_fact WHERE seq > {int(after)}) AS n
                ON n.shelf = o.shelf AND n.subscription_id = o.subscription_id
            GROUP BY o.shelf, o.subscription_id, o.effective_at HAVING count(*) > 1
        ) AS t ON t.shelf = f.shelf AND t.subscription_id = f.subscription_id AND t.effective_at = f.effective_at
        ORDER BY f.subscription_id, f.effective_at, f.digest, f.fact_id""")
    if not ties:
        return
    instants: dict[tuple[Any, Any], list[Node]] = defaultdict(list)
    for subscription, at, *node in ties:
        instants[subscription, at].append(Node(*node))
    known = _contents(warehouse, {subscription for subscription, _ in instants})
    _write_order(warehouse, [in_order(nodes, known(*place)) for place, nodes in instants.items()])


def _contents(warehouse: Warehouse, subscriptions: set[Any]) -> Any:
    """A look-up of the contents that the facts of the instant before leave behind."""
    warehouse.temp(
        "tied", "subscription_id VARCHAR, shelf BIGINT", [(name,) for name in subscriptions], "shelf(subscription_id)"
    )
    lives: dict[Any, list[Row]] = defaultdict(list)
    for subscription, at, content in warehouse.rows("""
        SELECT subscription_id, effective_at, content
        FROM subscription_fact SEMI JOIN tied USING (shelf, subscription_id)
        ORDER BY effective_at"""):
        lives[subscription].append((at, content))

    def before(subscription: Any, at: Any) -> frozenset[str]:
        earlier = [row for row in lives[subscription] if row[0] < at]
        return frozenset(content for when, content in earlier if when == earlier[-1][0])

    return before


def _write_order(warehouse: Warehouse, instants: Sequence[Instant]) -> None:
    places = [place for instant in instants for place in instant]
    warehouse.temp("placed", "fact_id BIGINT, seq BIGINT, ordinal INTEGER, stands BOOLEAN, conflict BOOLEAN", places)
    warehouse.execute("""UPDATE subscription_fact SET ordinal = p.ordinal, stands = p.stands
        FROM placed AS p WHERE p.fact_id = subscription_fact.fact_id""")
    warehouse.execute("""UPDATE outcome SET outcome = 'conflict',
        reason = 'another entry tells something else of the same subscription and instant; the lowest digest stands'
        FROM placed AS p WHERE p.seq = outcome.seq AND p.conflict AND outcome.outcome IN ('decoded', 'key_reused')""")
    warehouse.execute("""UPDATE outcome SET outcome = 'decoded', reason = NULL
        FROM placed AS p WHERE p.seq = outcome.seq AND p.stands AND outcome.outcome = 'conflict'""")
