"""The provider's own list of active subscriptions, laid on top of the book: what it would change is the drift."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from mrr.figures import plural
from mrr.journal import Entry
from mrr.policy import Policy
from mrr.providers import apart
from mrr.reconcile.outcome import Difference, Side, Weighed, differs
from mrr.reconcile.sides import derived, laid_on, scoped
from mrr.warehouse import Warehouse, sql

# States of a subscription as causes: what a difference comes of where one side does not count it.
CAUSES = {"trialing": "trial", "past_due_over": "past_due", "requested": "ended", "continued": "ended"}
SHOWN = {
    "item": "an item more or less",
    "price": "the same price at another amount",
    "currency": "another currency",
    "discount": "another discount",
    "pending": "its price or discount is not in the catalogue",
}
_TOLD_OF = """SELECT DISTINCT coalesce(i.canonical_id, n.name) AS customer_id
    FROM (SELECT customer_id AS name FROM news UNION SELECT book_customer_id FROM news) AS n
    LEFT JOIN identity AS i ON i.customer_id = n.name WHERE n.name IS NOT NULL"""
_TOTAL = """SELECT CAST(coalesce(sum(reporting_micros), 0) AS BIGINT)
    FROM book_value WHERE starts_with(subscription_id, $source || '/')"""

# That the book has learned something since is nothing to decide, where it makes no difference.
_UNDECIDED = """SELECT n.customer_id, n.subscription_id, n.against FROM news AS n
    WHERE n.against IS NOT NULL AND NOT n.is_older
        AND (SELECT coalesce(sum(reporting_micros), 0) FROM ours AS o WHERE o.subscription_id = n.subscription_id)
        = (SELECT coalesce(sum(reporting_micros), 0) FROM theirs AS t WHERE t.subscription_id = n.subscription_id)
        AND coalesce(n.book_customer_id, n.customer_id) = n.customer_id
    ORDER BY n.subscription_id"""


class Listed(NamedTuple):
    """A comparison, and the seqs (as of the entries given) of what may be appended safely."""

    weighed: Weighed
    safe: list[int]


def absent(book: Warehouse, policy: Policy, told: Iterator[Entry], source: str, at: datetime) -> list[str]:
    """The provider's ids of subscriptions that count in the book and are not among these entries."""
    with laid_on(book, policy, told) as scratch:
        _book(scratch, book, at)
        rows = scratch.dicts(sql("reports/list_absent"), {"source": source})
        return [row["subscription_id"].partition("/")[2] for row in rows]


def compare(book: Warehouse, policy: Policy, told: Iterator[Entry], source: str, at: datetime) -> Listed:
    """Hold a list, observed at an instant and given as entries behind the journal's head, against the book.

    Only customers of whom it tells something new are derived; of all others both sides are the same.
    """
    with laid_on(book, policy, told) as scratch:
        _book(scratch, book, at)
        _derive(scratch, at)
        rows = [_difference(row) for row in scratch.dicts(sql("reports/list_differs"))]
        rows += [_absent(row) for row in scratch.dicts(sql("reports/list_absent"), {"source": source})]
        rows += _undecided(scratch)
        (ours,) = scratch.one(_TOTAL, {"source": source})
        (compared,) = scratch.one("SELECT count(DISTINCT subscription_id) FROM told_subscription_fact")
        theirs = ours + sum(row.difference_micros for row in rows)
        safe = [seq for (seq,) in scratch.rows("SELECT DISTINCT seq FROM news WHERE against IS NULL ORDER BY seq")]
        return Listed(Weighed(compared, ours, theirs, rows, list(_notes(scratch))), safe)


def _book(scratch: Warehouse, book: Warehouse, at: datetime) -> None:
    """What the book knows, and what everything in it is worth at the instant."""
    scratch.execute(f"CREATE VIEW book_fact AS SELECT * FROM {book.name}.subscription_fact WHERE stands")
    _at(scratch, "book_value", f"{book.name}.ledger.value", at)


def _at(scratch: Warehouse, table: str, stretches: str, at: datetime) -> None:
    scratch.execute(
        f"CREATE TEMP TABLE {table} AS SELECT * FROM {stretches} WHERE starts_at <= $at AND ends_at > $at", {"at": at}
    )


def _derive(scratch: Warehouse, at: datetime) -> None:
    """What the subscriptions are worth, and in which state, without the list (our) and with it (their)."""
    scratch.create("news", sql("reports/list_news"))
    scoped(scratch, _TOLD_OF)
    scratch.create("ours", "SELECT v.* FROM book_value AS v SEMI JOIN scope_customer AS s USING (customer_id)")
    derived(scratch, only="fact_id IN (SELECT fact_id FROM book_fact)")
    _at(scratch, "our_state", "temp.standing", at)
    derived(scratch)
    _at(scratch, "their_state", "temp.standing", at)
    _at(scratch, "theirs", "temp.value", at)
    scratch.create("told_pending", "SELECT DISTINCT subscription_id FROM pending")


def _undecided(scratch: Warehouse) -> Iterator[Difference]:
    """What is worth the same on both sides, and yet must be decided by a person."""
    for customer, subscription, against in scratch.rows(_UNDECIDED):
        yield differs(Side(customer, subscription), "undecided", (0, 0), "worth the same on both sides so far", against)


def _notes(scratch: Warehouse) -> Iterator[str]:
    for key, reason in scratch.rows("SELECT key, reason FROM told_outcome WHERE outcome = 'quarantined' ORDER BY seq"):
        yield f"{key} cannot be read: {reason}"
    (later,) = scratch.one("SELECT count(*) FROM news WHERE last_seq IS NOT NULL")
    if later:
        yield f"{plural(later, 'known subscription')} told otherwise by the list; not all of it changes an amount."


def _difference(row: dict[str, Any]) -> Difference:
    cause = CAUSES.get(row["cause"], row["cause"])
    amounts = (row["ours_micros"], row["theirs_micros"])
    remedy = "backfill" if row["against"] is None else row["against"]
    return differs(Side(row["customer_id"], row["subscription_id"]), cause, amounts, _detail(row, cause), remedy)


def _detail(row: dict[str, Any], cause: str) -> str:
    known = "no entry tells of it"
    if row["last_seq"] is not None:
        known = f"last told by entry {row['last_seq']} of {row['last_at']:%Y-%m-%d %H:%M}"
    pair = {"quantity": ("our_quantity", "their_quantity"), "plan": ("our_price_id", "their_price_id")}.get(cause)
    if row["our_state"] != row["their_state"]:
        pair = ("our_state", "their_state")
    if pair is None:
        return f"{SHOWN[cause]}; {known}" if cause in SHOWN else known
    ours, theirs = (apart(str(row[name]))[1] for name in pair)
    return f"{ours} in the book, {theirs} in the list; {known}"


def _absent(row: dict[str, Any]) -> Difference:
    remedy = "ask the provider for it by its id: has it ended, or is it of another account?"
    side = Side(row["customer_id"], row["subscription_id"])
    return differs(side, "absent", (row["ours_micros"], 0), "counts in the book, is not in the list", remedy)
