"""Customers as people name them, and how their rows are found without reading those of all others."""

from collections.abc import Sequence

from mrr.warehouse import Warehouse, sql


def named(warehouse: Warehouse, customer: str) -> list[str]:
    """The full ids of the ledger's customers who have this id, with or without its source."""
    return [full for (full,) in warehouse.rows(sql("reports/named"), {"customer": customer})]


def only(warehouse: Warehouse, customers: Sequence[str]) -> str:
    """A condition, for a table of the ledger, that holds for the rows of these customers (full ids)."""
    if not customers:
        return "FALSE"
    (shelves,) = warehouse.one("SELECT list_transform($1, lambda id: shelf(id))", [list(customers)])
    names = ", ".join("'" + name.replace("'", "''") + "'" for name in customers)
    return f"shelf IN ({', '.join(map(str, shelves))}) AND customer_id IN ({names})"
