"""Customers as people look for them: by name or id, state and order, a page at a time; and what can be filtered by."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from mrr.answers import Definition
from mrr.derivation import seen
from mrr.reports.customers import Customer
from mrr.reports.frame import IDS, TRAITS
from mrr.reports.tables import Table
from mrr.warehouse import Warehouse, sql

Order = Literal["mrr", "-mrr", "name", "-name", "since", "-since", "changed", "-changed"]
# What each order sorts by; customers without a name stand by their id.
_COLUMNS: Mapping[str, str] = {
    "mrr": "s.mrr_micros",
    "name": "lower(coalesce(a.attributes['name'], regexp_replace(s.customer_id, '^[^/]*/', '')))",
    "since": "s.since_on",
    "changed": "s.changed_on",
}
# Keys with more values than this name customers rather than group them.
MOST = 60


class Directory(msgspec.Struct, Table[Customer]):
    """A page of customers; `matching` counts all that fit."""

    definition: Definition
    matching: int
    rows: list[Customer]


class Wanted(msgspec.Struct, frozen=True):
    """Which customers: part of a name or id, a state, an order (`-` largest first), and a page of them."""

    search: str | None = None
    state: str | None = None
    order: Order = "-mrr"
    limit: int = 50
    offset: int = 0


def directory(warehouse: Warehouse, as_of: datetime, wanted: Wanted) -> tuple[list[Customer], int]:
    """A page of the customers that fit, and how many fit."""
    seen.look(warehouse, as_of)
    words = msgspec.structs.asdict(wanted) | {"as_of": as_of}
    name, sense = wanted.order.lstrip("-"), "DESC" if wanted.order.startswith("-") else "ASC"
    inner = {**_COLUMNS, "name": "lower(coalesce(n.name, bare_id))", "since": "t.since_on", "changed": "t.changed_on"}
    query = sql("reports/directory")
    for columns in (inner, _COLUMNS):
        query = query.replace("$order", f"{columns[name]} {sense} NULLS LAST", 1)
    del words["order"]
    rows = warehouse.dicts(query, words)
    matching = rows[0]["matching"] if rows else 0
    for row in rows:
        row["customer_id"] = row["customer_id"].partition("/")[2]
        row["attributes"] = dict(row["attributes"] or {})
        del row["matching"]
    return [Customer(**row) for row in rows], matching


def choices(warehouse: Warehouse, as_of: datetime) -> dict[str, list[str]]:
    """The values by which figures can be filtered, by key; ids without their source."""
    seen.look(warehouse, as_of)
    found: dict[str, list[str]] = {}
    for key, value in warehouse.rows(sql("reports/choice"), {"most": MOST, "traits": list(TRAITS)}):
        bare = value.partition("/")[2] if key in IDS and "/" in value else value
        found.setdefault(key, []).append(bare)
    return found
