"""Who the customers are: state, MRR, since when, and where they come from."""

from datetime import date, datetime

import msgspec

from mrr.derivation import seen
from mrr.reports.named import named, only
from mrr.warehouse import Warehouse, sql


class Customer(msgspec.Struct):
    """A customer as of an instant. `state`: active, held, lapsed or never; `mrr_micros` in the reporting currency."""

    customer_id: str
    source: str
    state: str
    mrr_micros: int
    items: int
    since_on: date | None
    changed_on: date | None
    attributes: dict[str, str]


def customers(warehouse: Warehouse, as_of: datetime, customer: str | None, state: str | None) -> list[Customer]:
    """All customers who ever had a movement, the largest MRR first."""
    seen.look(warehouse, as_of)
    whose = "TRUE" if customer is None else only(warehouse, named(warehouse, customer))
    rows = warehouse.dicts(sql("reports/customers").replace("$whose", whose), {"as_of": as_of, "state": state})
    for row in rows:
        row["customer_id"] = row["customer_id"].partition("/")[2]
        row["attributes"] = dict(row["attributes"] or {})
    return [Customer(**row) for row in rows]
