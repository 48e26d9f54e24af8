"""Journal to facts: decode each entry, settle repeated keys, put facts of one instant in order. Pure and replayable."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from mrr.derivation import edits
from mrr.errors import DecodeError
from mrr.facts import content_digest
from mrr.journal import Entry
from mrr.order import Node, Place, in_order
from mrr.providers import Irrelevant, of_source
from mrr.rows import Row, rows
from mrr.warehouse import Columns, Warehouse

# Facts of one entry are numbered within it.
PER_ENTRY = 4096
OUTCOMES = ("decoded", "irrelevant", "quarantined", "duplicate", "key_reused", "conflict")
# Tables whose rows carry the seq of their entry, and those that hang on a fact.
BY_SEQ: tuple[str, ...] = ("subscription_fact", "customer_discount", "discount_given", "coupon", "price", "product")
BY_SEQ += ("attribute", "merge", "continuation", "edit", "rate", "invoice", "payment", "checkout", "usage", "cost")
BY_SEQ += ("payout", "balance_line")
BY_FACT = ("subscription_item", "subscription_discount", "invoice_line", "invoice_payment")
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
    head = (entry.seq, entry.source, entry.key, entry.kind, entry.recorded_at)
    return (*head, outcome, reason, content, subject, entry.occurred_at)


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


def settle(warehouse: Warehouse, after: int) -> None:
    """Settle which facts stand, now that entries behind seq `after` are among them: edits, repeated keys, instants."""
    edited = edits.are_there(warehouse)
    if edited:
        edits.forget(warehouse)
    settle_keys(warehouse, after)
    folded = edits.fold(warehouse)
    settle_order(warehouse, after)
    if edited:
        edits.tell(warehouse, folded)


def settle_keys(warehouse: Warehouse, after: int) -> None:
    """Tell redeliveries (equal facts: set aside) from reused keys (both stand) and contradictions of one key.

    Looks at the keys of entries behind seq `after`. What contradicts of a subscription is left to `settle_order`.
    """
    warehouse.create(
        "repeated_key",
        f"""SELECT o.shelf, o.source, o.key
        FROM outcome AS o
        SEMI JOIN (
            SELECT shelf, source, key FROM outcome WHERE seq > {int(after)}
            UNION ALL
            SELECT d.shelf, d.source, d.key
            FROM outcome AS d SEMI JOIN edit AS e ON e.entry_seq = d.seq AND e.verb = 'decide'
        ) AS n
            ON n.shelf = o.shelf AND n.source = o.source AND n.key = o.key
        WHERE o.content IS NOT NULL
        GROUP BY o.shelf, o.source, o.key HAVING count(*) > 1""",
    )
    if not warehouse.made["repeated_key"]:
        return
    warehouse.create(
        "repeated",
        """SELECT o.seq, row_number() OVER (PARTITION BY o.source, o.key, o.subject, o.content ORDER BY o.seq) AS copy,
            o.seq > min(o.seq) OVER (PARTITION BY o.source, o.key)
                AND o.seq = min(o.seq) OVER (PARTITION BY o.source, o.key, o.subject) AS is_reuse,
            o.content > min(o.content) OVER (PARTITION BY o.source, o.key, o.subject)
                AND o.subject NOT LIKE '%Subscription/%' AS contradicts
        FROM outcome AS o
        SEMI JOIN repeated_key AS k ON k.shelf = o.shelf AND k.source = o.source AND k.key = o.key
        WHERE o.content IS NOT NULL""",
    )
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
    """Put the facts of one subscription and instant in order, and tell the entries that contradict others so."""
    if not place(warehouse, after):
        return
    warehouse.execute("""UPDATE outcome SET outcome = 'conflict',
        reason = 'another entry tells something else of the same subscription and instant; '
            || CASE WHEN p.decided_by > 0 THEN 'edit ' || p.decided_by || ' decides' ELSE 'the lowest digest stands' END
        FROM placed AS p WHERE p.seq = outcome.seq AND p.conflict AND outcome.outcome IN ('decoded', 'key_reused')""")
    warehouse.execute("""UPDATE outcome SET outcome = 'decoded', reason = NULL
        FROM placed AS p WHERE p.seq = outcome.seq AND outcome.outcome = 'conflict'
            AND (p.stands OR p.seq IN (SELECT x.seq FROM set_aside AS x))""")


def place(warehouse: Warehouse, after: int) -> bool:
    """Order the facts of one subscription and instant, where entries behind `after` speak of it; whether there are any.

    What stands goes into `subscription_fact`, each fact's place also into the temporary table `placed`.
    """
    warehouse.create("contested", _contested(int(after)))
    if not warehouse.made["contested"]:
        return False
    instants: dict[tuple[Any, Any], list[Node]] = defaultdict(list)
    places: list[Place] = []
    for subscription, at, aside, *node in warehouse.rows(_NODES):
        if aside:
            places.append(Place(node[0], node[1], 0, stands=False, conflict=False))
        else:
            instants[subscription, at].append(Node(*node))
    known = _contents(warehouse, {subscription for subscription, _ in instants})
    for instant, nodes in instants.items():
        places += in_order(nodes, known(*instant))
    columns = "fact_id BIGINT, seq BIGINT, ordinal INTEGER, stands BOOLEAN, conflict BOOLEAN, decided_by BIGINT"
    warehouse.temp("placed", columns, places)
    warehouse.execute("""UPDATE subscription_fact SET ordinal = p.ordinal, stands = p.stands
        FROM placed AS p WHERE p.fact_id = subscription_fact.fact_id""")
    return True


def _contested(after: int) -> str:
    """Instants of which entries behind `after` speak: with several facts of one subscription, or borne on by edits."""
    return f"""
        SELECT o.shelf, o.subscription_id, o.effective_at
        FROM subscription_fact AS o
        SEMI JOIN (
            SELECT shelf, subscription_id FROM subscription_fact WHERE seq > {after}
            UNION ALL
            SELECT b.shelf, b.subscription_id
            FROM subscription_fact AS b SEMI JOIN edit_turn AS e ON e.seq = b.seq AND e.turned_by > {after}
        ) AS n ON n.shelf = o.shelf AND n.subscription_id = o.subscription_id
        GROUP BY o.shelf, o.subscription_id, o.effective_at
        HAVING count(*) > 1 OR bool_or(o.seq IN (SELECT e.seq FROM edit_turn AS e))"""


# The facts of these instants. A correction is ordered as what it is laid over.
_NODES = f"""
    SELECT f.subscription_id, f.effective_at, x.seq IS NOT NULL, f.fact_id, f.seq, coalesce(o.digest, f.digest),
        coalesce(o.content, f.content), CASE WHEN o.fact_id IS NULL THEN f.prior ELSE o.prior END,
        CASE WHEN o.fact_id IS NULL THEN f.change ELSE o.change END, coalesce(k.seq, d.by_seq, 0)
    FROM subscription_fact AS f
    SEMI JOIN contested AS t
        ON t.shelf = f.shelf AND t.subscription_id = f.subscription_id AND t.effective_at = f.effective_at
    LEFT JOIN set_aside AS x ON x.seq = f.seq
    LEFT JOIN decided AS d ON d.seq = f.seq
    LEFT JOIN corrected AS k ON k.seq = f.seq
    LEFT JOIN (SELECT s.* FROM subscription_fact AS s SEMI JOIN corrected AS c ON c.entry_seq = s.seq) AS o
        ON o.fact_id = {PER_ENTRY} * k.entry_seq + f.fact_id % {PER_ENTRY} - 1
        AND o.subscription_id = f.subscription_id AND o.effective_at = f.effective_at
    ORDER BY f.subscription_id, f.effective_at, f.digest, f.fact_id"""


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
