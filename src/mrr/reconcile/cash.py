"""MRR against cash: charged twice, without a subscription, not at all; and what became of it on the way to the bank."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from mrr.figures import exact
from mrr.policy import Policy
from mrr.providers import apart
from mrr.reconcile import payouts
from mrr.reconcile.outcome import Difference, Side, Weighed, differs
from mrr.reconcile.rates import Rates
from mrr.warehouse import Warehouse, sql

# Two charges of one amount within so many minutes are one charge made twice.
MINUTES = 10
DETAILS = {
    "uninvoiced": "no invoice bills the day",
    "void": "the invoice for the day is void",
    "draft": "the invoice for the day is still a draft",
    "refund": "what was charged for the day was refunded",
    "dispute": "what was charged for the day was lost to a dispute",
    "dispute,refund": "what was charged for the day was refunded or lost to a dispute",
    "paid elsewhere": "the invoice for the day is paid, and no payment of it is known",
    "failed": "the invoice for the day is open, and charging it failed",
    "unpaid": "the invoice for the day is open, and nothing was charged",
}


def compare(book: Warehouse, policy: Policy, at: datetime, *, first: datetime) -> Weighed:
    """The charges since `first`, and the money for the subscriptions that count at an instant. Ours is MRR."""
    rates = Rates(book, policy, at)
    book.create("last_document", sql("reports/last_document"))
    book.create("cash_charge", sql("reports/cash_charge"))
    window = {"first": first, "at": at}
    doubled = book.dicts(sql("reports/cash_double"), {**window, "minutes": MINUTES})
    again = {charge["payment_id"] for charge in doubled}
    strays = [charge for charge in book.dicts(sql("reports/cash_stray"), window) if charge["payment_id"] not in again]
    rows = [*_doubled(doubled, rates), *_strays(strays, rates)]
    rows += _uncharged(book.dicts(sql("reports/cash_uncharged"), {"at": at}))
    unbanked, told = payouts.compare(book, rates, at, first=first)
    rows += unbanked
    (ours, counted) = book.one(
        """SELECT CAST(coalesce(sum(reporting_micros), 0) AS BIGINT), count(DISTINCT subscription_id)
        FROM ledger.value WHERE starts_at <= $at AND ends_at > $at""",
        {"at": at},
    )
    (charges,) = book.one("SELECT count(*) FROM cash_charge WHERE charged_at BETWEEN $first AND $at", window)
    theirs = ours + sum(row.difference_micros for row in rows)
    looked = f"{charges:,} charges since {first:%Y-%m-%d} and {counted:,} subscriptions were looked at."
    return Weighed(counted + charges, ours, theirs, rows, [looked, *told, *rates.notes(), *_silent(book, at)])


def _doubled(charges: list[dict[str, Any]], rates: Rates) -> Iterator[Difference]:
    for charge in charges:
        paid = f"{_bare(charge['invoice_id'])} was paid already"
        if charge["of_payment_id"]:
            paid = f"the same as {_bare(charge['of_payment_id'])} within {MINUTES} minutes"
        detail = f"{_money(charge, 'excess_micros')} charged again: {paid}"
        worth = rates.of(charge["excess_micros"], charge["currency"])
        yield differs(_side(charge), "double charge", (0, worth), detail, "refund it")


def _strays(charges: list[dict[str, Any]], rates: Rates) -> Iterator[Difference]:
    for charge in charges:
        of = f" for {_bare(charge['invoice_id'])}" if charge["invoice_id"] else ""
        detail = f"{_money(charge, 'kept_micros')} charged{of}"
        worth = rates.of(charge["kept_micros"], charge["currency"])
        yield differs(_side(charge), charge["cause"], (0, worth), detail, "find what it was for")


def _uncharged(subscriptions: list[dict[str, Any]]) -> Iterator[Difference]:
    for one in subscriptions:
        side = Side(one["customer_id"], one["subscription_id"])
        detail = DETAILS[one["cause"]]
        if one["document_id"]:
            detail += f" ({_bare(one['document_id'])}" + (f": {one['failure_code']})" if one["failure_code"] else ")")
        yield differs(side, one["cause"], (one["ours_micros"], 0), detail, "collect it, or end the subscription")


def _silent(book: Warehouse, at: datetime) -> Iterator[str]:
    """The sources that bill and of which no payment is known: silence is no missing charge."""
    for (source,) in book.rows(
        """SELECT DISTINCT split_part(subscription_id, '/', 1) AS source FROM ledger.value
        WHERE starts_at <= $at AND ends_at > $at
            AND split_part(subscription_id, '/', 1) NOT IN (SELECT split_part(payment_id, '/', 1) FROM cash_charge)
        ORDER BY source""",
        {"at": at},
    ):
        yield f"No payment of source {source} is known: its subscriptions were not looked at."


def _side(charge: dict[str, Any]) -> Side:
    return Side(charge["customer_id"] or "", charge["payment_id"])


def _money(charge: dict[str, Any], field: str) -> str:
    return f"{exact(charge[field])} {charge['currency']} of {charge['charged_at']:%Y-%m-%d %H:%M}"


def _bare(name: str | None) -> str:
    return apart(name or "")[1]
