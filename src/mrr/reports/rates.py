"""Which exchange rates a figure should not rest on any more."""

from datetime import datetime

from mrr.warehouse import Warehouse, sql

_IN_USE = """SELECT 1 FROM ledger.value
    WHERE currency = $currency AND starts_at < $as_of AND ends_at >= $as_of LIMIT 1"""


def stale(warehouse: Warehouse, as_of: datetime) -> list[str]:
    """The currencies in use at an instant whose last rate is older than `fx.stale` days. The warehouse is prepared.

    Rates are few and levels many: these are looked at only for a currency whose rate is old, until one is found.
    """
    old = [str(name) for (name,) in warehouse.rows(sql("reports/stale_rates"), {"as_of": as_of})]
    return [name for name in old if warehouse.rows(_IN_USE, {"currency": name, "as_of": as_of})]
