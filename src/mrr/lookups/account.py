"""Everything that is known of one customer: subscriptions with their items, invoices, payments."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from mrr.answers import Definition
from mrr.derivation import seen
from mrr.errors import WrongUse
from mrr.reports.customers import Customer
from mrr.warehouse import Warehouse, sql


class Item(msgspec.Struct):
    """Something that the customer pays for, or paid for until `ended_at`, as it was last; amounts are a month's.

    `unit` and `units` are the billing interval, as in `month` × 3.
    """

    item_id: str
    product_id: str | None
    quantity: int
    unit: str
    units: int
    currency: str
    local_micros: int
    reporting_micros: int
    began_at: datetime
    ended_at: datetime | None


class Subscription(msgspec.Struct):
    """A subscription as it stands. `renews_at` is the end of the period known last; `will_end`: an end is scheduled."""

    subscription_id: str
    status: str
    currency: str | None
    starts_at: datetime
    renews_at: datetime | None
    will_end: bool
    items: list[Item]


class Invoice(msgspec.Struct):
    """An invoice or a credit note as it was last told, with the time for which its lines bill; `seq` is its entry."""

    document_id: str
    invoice_id: str | None
    credit_note: bool
    status: str | None
    currency: str
    total_micros: int
    paid_micros: int | None
    reason: str | None
    seq: int
    dated_at: datetime
    starts_at: datetime | None
    ends_at: datetime | None


class Payment(msgspec.Struct):
    """An attempt, a refund or a dispute, and how it went; `seq` is the entry that told of it last."""

    payment_id: str
    kind: str
    outcome: str | None
    invoice_id: str | None
    effective_at: datetime
    amount_micros: int
    currency: str
    failure_code: str | None
    retry: int | None
    seq: int


class Account(msgspec.Struct):
    """One customer whole: where it stands (None for one who never had MRR), and all that is known of it."""

    definition: Definition
    customer: Customer | None
    subscriptions: list[Subscription]
    invoices: list[Invoice]
    payments: list[Payment]


def account(
    warehouse: Warehouse, as_of: datetime, customer: str
) -> tuple[list[Subscription], list[Invoice], list[Payment]]:
    """Subscriptions, invoices and payments, the newest first. The connection is prepared.

    Raises WrongUse for an id that nobody or more than one has; `source/id` names one of them.
    """
    seen.look(warehouse, as_of)
    words = {"customer": _whole(warehouse, customer), "as_of": as_of}
    warehouse.create("account_life", sql("reports/account_life"), {"customer": words["customer"]})
    warehouse.execute(f"CREATE OR REPLACE TEMP VIEW account_snapshot AS {_snapshots()}")
    items: dict[str, list[Item]] = {}
    for row in warehouse.dicts(sql("reports/account_item"), {"customer": words["customer"]}):
        items.setdefault(row.pop("subscription_id"), []).append(Item(**_bare(row, "product_id")))
    subscriptions = [
        Subscription(**_bare(row, "subscription_id"), items=items.get(row["subscription_id"], []))
        for row in warehouse.dicts(sql("reports/account_subscription"), words)
    ]
    invoices = [Invoice(**_bare(row, "document_id")) for row in warehouse.dicts(sql("reports/account_invoice"), words)]
    payments = [Payment(**_bare(row, "payment_id")) for row in warehouse.dicts(sql("reports/account_payment"), words)]
    return subscriptions, invoices, payments


def _snapshots() -> str:
    """The standing snapshots of the subscriptions that were ever the customer's, and of no others."""
    own = "(SELECT s.* FROM subscription_fact AS s SEMI JOIN account_life USING (shelf, subscription_id)) AS f"
    return sql("reports/standing_snapshot").replace("subscription_fact AS f", own)


def _whole(warehouse: Warehouse, customer: str) -> str:
    """The id with its source."""
    found = [whole for (whole,) in warehouse.rows(sql("reports/owner"), {"customer": customer})]
    if customer in found or len(found) == 1:
        return customer if customer in found else str(found[0])
    if found:
        raise WrongUse(f"{customer!r} is more than one customer", remedy=f"Name {' or '.join(found)}.")
    raise WrongUse(f"there is no customer {customer!r}", remedy="`mrr customers` lists them.")


def _bare(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A row whose id is told without its source."""
    return {**row, name: row[name].partition("/")[2] if row[name] and "/" in row[name] else row[name]}
