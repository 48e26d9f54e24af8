"""MRR against the invoices: the ledger by subscriptions against the ledger by invoices, one subscription at a time."""

from datetime import datetime
from typing import Any

from mrr.derivation.ledgers import Ledger, opened
from mrr.figures import exact
from mrr.policy import Policy
from mrr.reconcile.outcome import Difference, Side, Weighed, differs
from mrr.warehouse import Warehouse, sql

DETAILS = {
    "credit": "a credit note takes from the invoice for the day",
    "discount": "the invoice for the day has a discount that MRR does not take, or takes otherwise",
    "uncollectible": "the invoice for the day was written off",
    "draft": "the invoice for the day is still a draft",
    "void": "the invoice for the day is void",
    "uninvoiced": "no invoice bills the day",
    "manual": "invoiced, and no subscription tells of it",
    "ended": "invoiced beyond the end of the subscription",
    "paused": "invoiced for a time in which the subscription is paused",
    "trial": "invoiced for a time of trial",
    "plan": "another price was invoiced than is subscribed",
    "currency": "invoiced in another currency",
    "fx": "the same amount at another rate",
    "rounding": "cents",
    "proration": "the prorations for the day do not come to the price",
    "one-time": "part of the invoice was sold once",
    "unexplained": "no rule explains it",
}

_TOTAL = "SELECT CAST(coalesce(sum(reporting_micros), 0) AS BIGINT) FROM {}"


def compare(book: Warehouse, policy: Policy, seq: int, at: datetime) -> Weighed:
    """The book's ledger by subscriptions, ours, against that by invoices, theirs, at an instant."""
    by = {basis: policy.differing({"basis": basis}) for basis in ("subscription", "invoice")}
    own = book.name if policy["basis"] == "subscription" else None
    with opened(book, Ledger(by["invoice"], seq, seq)) as ledger:
        _at(ledger, "their_value", "ledger.value", at)
        if own is not None:
            _at(ledger, "our_value", f"{own}.ledger.value", at)
        else:
            with opened(book, Ledger(by["subscription"], seq, seq)) as other:
                _at(ledger, "our_value", f"{other.name}.ledger.value", at)
        ledger.create("last_document", sql("reports/last_document"))
        rows = [_difference(row) for row in ledger.dicts(sql("reports/invoiced"), {"at": at})]
        ours, theirs = (ledger.one(_TOTAL.format(side))[0] for side in ("our_value", "their_value"))
        (compared,) = ledger.one(
            "SELECT count(*) FROM (SELECT subscription_id FROM our_value UNION SELECT subscription_id FROM their_value)"
        )
        return Weighed(compared, ours, theirs, rows)


def _at(ledger: Warehouse, table: str, values: str, at: datetime) -> None:
    ledger.execute(
        f"CREATE TEMP TABLE {table} AS SELECT * FROM {values} WHERE starts_at <= $at AND ends_at > $at", {"at": at}
    )


def _difference(row: dict[str, Any]) -> Difference:
    side = Side(row["customer_id"], row["subscription_id"])
    of = f" ({row['document_id'].rpartition('/')[2]})" if row["document_id"] else ""
    return differs(side, row["cause"], (row["ours_micros"], row["theirs_micros"]), _detail(row) + of)


def _detail(row: dict[str, Any]) -> str:
    if row["cause"] == "timing":
        since = f"changed on {row['changed_at']:%Y-%m-%d}"
        return f"{since}, invoiced on {row['final_at']:%Y-%m-%d}" if row["final_at"] else f"{since}, not invoiced yet"
    if row["cause"] == "quantity":
        return f"{row['our_quantity']} subscribed, {row['their_quantity']} invoiced"
    if row["cause"] == "rounding":
        return f"{exact(row['our_local'])} subscribed, {exact(row['their_local'])} invoiced"
    return DETAILS.get(row["cause"], f"the subscription is {row['cause']}")
