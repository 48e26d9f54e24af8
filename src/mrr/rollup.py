"""What moved on which day, rolled up small: kept beside the ledger, so that a roll-forward reads thousands of rows."""

import re

from mrr.warehouse import Warehouse, sql

# Of which groups: all levels together, and by plan.
KINDS = ("total", "plan")
# Above so many rows, and twice as many as there are groups, the additions are added up.
LOOSE = 20_000


def add(warehouse: Warehouse, sign: int) -> None:
    """Add what the derived tables of the scope (`temp`) tell, or with sign -1 take it back.

    Sums of additions: a posting takes back what its customers told before and adds what they tell now.
    """
    by_plan = f"SELECT * EXCLUDE (trait), product_id AS trait FROM ({_of_scope('member')})"
    warehouse.execute(f"CREATE OR REPLACE TEMP VIEW rolled_member AS {by_plan}")
    warehouse.create("rolled_edge", _of_scope("member_edge"))
    for kind, moved in zip(KINDS, ("moved_total", "moved_by"), strict=True):
        warehouse.execute(
            f"""INSERT INTO ledger.rolled_up BY NAME
            SELECT '{kind}' AS kind, trait, on_day, class, {sign} * amount_micros AS amount_micros,
                {sign} * customers AS customers, {sign} * payers AS payers, {sign} * moves AS moves
            FROM ({sql("reports/day").replace("FROM moved", f"FROM ({_of_scope(moved)})")})"""
        )


def _of_scope(report: str) -> str:
    """A report over the derived tables instead of those that are seen."""
    query = sql(f"reports/{report}")
    query = re.sub(r"\bmember_edge\b", "temp.rolled_edge", re.sub(r"\bmember\b", "temp.rolled_member", query))
    return query.replace("seen_window", "temp.customer_window").replace("seen_", "temp.")


def tidy(warehouse: Warehouse) -> None:
    """Add up the additions once there are many."""
    (rows,) = warehouse.one("SELECT count(*) FROM ledger.rolled_up")
    if rows < LOOSE:
        return
    warehouse.create("rolled_tidy", SUMS)
    if 2 * warehouse.one("SELECT count(*) FROM temp.rolled_tidy")[0] < rows:
        warehouse.execute("DELETE FROM ledger.rolled_up")
        warehouse.execute("INSERT INTO ledger.rolled_up BY NAME SELECT * FROM temp.rolled_tidy")


SUMS = """SELECT kind, trait, on_day, class, CAST(sum(amount_micros) AS BIGINT) AS amount_micros,
    CAST(sum(customers) AS BIGINT) AS customers, CAST(sum(payers) AS BIGINT) AS payers,
    CAST(sum(moves) AS BIGINT) AS moves
FROM ledger.rolled_up
GROUP BY kind, trait, on_day, class
HAVING sum(moves) > 0"""
