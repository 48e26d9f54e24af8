"""Why what was invoiced is not what was subscribed: items matched with their lines, by ordered rules (DESIGN §9)."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from mrr.derivation import ledgers, seen
from mrr.derivation.ledgers import Ledger
from mrr.period import midnight, next_period
from mrr.warehouse import Row, Warehouse, sql

# In this order; what no rule fits stays in sight. An exact equality goes before what a line merely shows.
RULES = ("fx", "rounding", "proration", "discount", "tax", "one-time", "usage", "credit", "refund", "timing")
UNEXPLAINED = "unexplained"
# A discount is told of a subscription, or of its customer.
_DISCOUNTED = """
    SELECT subscription_id FROM subscription_discount
    UNION
    SELECT f.subscription_id
    FROM subscription_fact AS f
    SEMI JOIN (SELECT customer_id FROM customer_discount WHERE duration IS NOT NULL) AS d USING (customer_id)"""


def matched(
    book: Warehouse,
    desk: Warehouse,
    ends: tuple[Ledger, Ledger],
    customers: Collection[str],
    months: Sequence[date],
    as_of: datetime,
) -> list[Row]:
    """Month, customer, subscription, item, worth before and after the step, and the rule: of items that differ.

    `ends` differ in their basis alone. The months are local ones of each ledger.
    """
    invoiced = ends[1].policy["basis"] == "invoice"
    for number, ledger in enumerate(ends):
        table = "level_after" if (number == 1) == invoiced else "level_before"
        with ledgers.opened(book, ledger, customers) as some:
            seen.look(some, as_of)
            timezone = ledger.policy["timezone"]
            over = [(month, min(midnight(next_period(month, "month"), timezone), as_of)) for month in months]
            some.temp("shut", "in_month DATE, closes_at TIMESTAMP", over)
            _keep(some, desk, table, sql("reports/bridge_level"))
            _keep(some, desk, f"known_{table}", "SELECT subscription_id, item_id, starts_at, ends_at FROM seen_value")
            if table == "level_after":
                _keep(some, desk, "lined", sql("reports/bridge_lined"))
    desk.create("discount_seen", _DISCOUNTED)
    rows = desk.rows(sql("reports/bridge_matched") + " ORDER BY in_month, customer_id, subscription_id, item_id")
    return rows if invoiced else [(*row[:4], row[5], row[4], row[6]) for row in rows]


def _keep(some: Warehouse, desk: Warehouse, table: str, query: str) -> None:
    some.execute(f"CREATE TABLE {desk.name}.{table} AS {query.replace('$shut', 'temp.shut')}")
