"""The ledger as of an instant: stored rows where they hold already, derived anew where a window is cut (A2)."""

from datetime import datetime

from mrr.derivation import build
from mrr.warehouse import Warehouse, sql

_AFTER = {
    "change": "turns_at < $as_of",
    "value": "starts_at < $as_of",
    "customer_window": "opens_at < $as_of",
    "line": "opens_at < $as_of",
    "movement": "opens_at < $as_of",
}
_NAMES = {"customer_window": "seen_window"}


def look(warehouse: Warehouse, as_of: datetime) -> None:
    """Make the views seen_change, seen_value, seen_window, seen_line and seen_movement. The connection is prepared."""
    warehouse.once("seen", as_of, lambda: _look(warehouse, as_of))


def view(table: str) -> str:
    """The name of the view in which a table is seen."""
    return _NAMES.get(table, f"seen_{table}")


def _look(warehouse: Warehouse, as_of: datetime) -> None:
    moment = f"TIMESTAMP '{as_of.isoformat(sep=' ')}'"
    cut = [name for (name,) in warehouse.rows(sql("reports/straddling").replace("$as_of", moment))]
    if cut:
        build.scope(warehouse, cut)
        build.derive(warehouse, horizon=as_of)
    for table, holds in _AFTER.items():
        warehouse.execute(
            f"CREATE OR REPLACE TEMP VIEW {view(table)} AS "
            + _view(table, holds.replace("$as_of", moment), moment, bool(cut))
        )


def _view(table: str, holds: str, moment: str, cut: bool) -> str:
    columns = "*"
    if table == "value":
        columns = f"* EXCLUDE (ends_at), CASE WHEN ends_at >= {moment} THEN open_end() ELSE ends_at END AS ends_at"
    stored = f"SELECT {columns} FROM ledger.{table} WHERE {holds}"
    if not cut:
        return stored
    own = "customer_id IN (SELECT customer_id FROM temp.scope_customer)"
    return (
        f"{stored} AND NOT {own} UNION ALL BY NAME SELECT *, shelf(customer_id) AS shelf FROM temp.{table} WHERE {own}"
    )
