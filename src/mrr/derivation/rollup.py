"""What moved on which day, what was kept, and what the digest is made of, rolled up small beside the ledger."""

from collections.abc import Callable, Mapping

from mrr.warehouse import Warehouse, sql

# The models that the roll-up is told from, and what it reads of them.
READ: Mapping[str, str] = {
    "line": "customer_id, window_starts_at, product_before, product_after, version_before, version_after"
    ", before_micros, after_micros, fx_micros",
    "customer_window": "customer_id, window_starts_at, level_on, rate_on, before_micros, after_micros",
    "movement": "customer_id, window_starts_at, is_fx, on_day, class, amount_micros, mrr_after_micros"
    ", state_before, state_after",
}
# What is kept of all customers together, as additions, by the columns that tell them apart and those that add up.
SUMS: Mapping[str, tuple[str, str]] = {
    "rolled_up": ("kind, trait, on_day, class", "amount_micros, customers, payers, moves"),
    "kept_up": ("stretch, on_day", "kept_micros, capped_micros, whole_micros, whole_capped_micros"),
}
_QUERIES = {"rolled_up": "rolled_day", "kept_up": "kept_day"}
TABLES = (*SUMS, "block_digest")
# Once so many additions were made, they are added up.
LOOSE = 20_000


def recall(warehouse: Warehouse) -> None:
    """Set aside what the ledger holds of the scope, so that `add` can take back what was told of it."""
    for table, columns in READ.items():
        warehouse.create(
            f"{table}_before",
            f"""SELECT -1 AS sign, {columns} FROM ledger.{table} AS t
            SEMI JOIN scope_customer AS s ON s.shelf = t.shelf AND s.customer_id = t.customer_id""",
        )


def add(warehouse: Warehouse, *, recalled: bool = False) -> None:
    """Add what the derived tables of the scope (`temp`) tell, less what was told of it before where it was recalled."""

    def told(model: str) -> str:
        taken = f"UNION ALL FROM temp.{model}_before" if recalled else ""
        return f"(SELECT 1 AS sign, {READ[model]} FROM temp.{model} {taken})"

    for table in SUMS:
        warehouse.execute(f"INSERT INTO ledger.{table} BY NAME SELECT *, TRUE AS loose FROM ({steps(table, told)})")


def steps(table: str, told: Callable[[str], str]) -> str:
    """The query of a table's additions over what is `told` of each model: rows whose `sign` says how they count."""
    text = sql(f"reports/{_QUERIES[table]}")
    for model in READ:
        text = text.replace(f"${model}", told(model))
    return text


def digest(warehouse: Warehouse) -> None:
    """Take anew the digests of the blocks in which customers of the scope lie, out of what the ledger now holds."""
    blocks = "(SELECT block_of(shelf) FROM scope_customer)"
    some = f"(FROM ledger.customer_digest WHERE block IN {blocks})"
    warehouse.execute(f"DELETE FROM ledger.block_digest WHERE block IN {blocks}")
    warehouse.execute(f"INSERT INTO ledger.block_digest {sql('reports/block_digest').replace('$fingerprints', some)}")


def tidy(warehouse: Warehouse) -> None:
    """Add up the additions once there are many."""
    for table in SUMS:
        if warehouse.one(f"SELECT count(*) FROM ledger.{table} WHERE loose")[0] >= LOOSE:
            warehouse.create("rolled_tidy", sums(table))
            warehouse.execute(f"DELETE FROM ledger.{table}")
            warehouse.execute(f"INSERT INTO ledger.{table} BY NAME SELECT *, FALSE AS loose FROM temp.rolled_tidy")


def sums(table: str) -> str:
    """A query for what the additions of a table add up to; what adds up to nothing is left out."""
    keys, amounts = SUMS[table]
    added = ", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in amounts.split(", "))
    left = " OR ".join(f"sum({name}) <> 0" for name in amounts.split(", "))
    return f"SELECT {keys}, {added} FROM ledger.{table} GROUP BY {keys} HAVING {left}"
