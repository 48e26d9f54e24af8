"""What moved on which day, and what the digest is made of, rolled up small: reports need not read the whole ledger."""

from mrr.warehouse import Warehouse, sql

# The tables of models that the roll-up is told from.
READ = ("line", "customer_window", "movement")
# Once so many additions were made, they are added up.
LOOSE = 20_000


def add(warehouse: Warehouse, sign: int) -> None:
    """Add what the derived tables of the scope (`temp`) tell, or with sign -1 take it back.

    Sums of additions: a posting takes back what its customers told before and adds what they tell now.
    """
    warehouse.execute(
        f"""INSERT INTO ledger.rolled_up BY NAME
        SELECT kind, trait, on_day, class, {sign} * amount_micros AS amount_micros, {sign} * customers AS customers,
            {sign} * payers AS payers, {sign} * moves AS moves, TRUE AS loose
        FROM ({sql("reports/rolled_day")})"""
    )


def digest(warehouse: Warehouse) -> None:
    """Take anew the digests of the blocks in which customers of the scope lie, out of what the ledger now holds."""
    blocks = "(SELECT shelf >> 18 FROM scope_customer)"
    some = f"(FROM ledger.customer_digest WHERE shelf >> 18 IN {blocks})"
    warehouse.execute(f"DELETE FROM ledger.block_digest WHERE block IN {blocks}")
    warehouse.execute(f"INSERT INTO ledger.block_digest {sql('reports/block_digest').replace('$fingerprints', some)}")


def tidy(warehouse: Warehouse) -> None:
    """Add up the additions once there are many."""
    if warehouse.one("SELECT count(*) FROM ledger.rolled_up WHERE loose")[0] < LOOSE:
        return
    warehouse.create("rolled_tidy", SUMS)
    warehouse.execute("DELETE FROM ledger.rolled_up")
    warehouse.execute("INSERT INTO ledger.rolled_up BY NAME SELECT *, FALSE AS loose FROM temp.rolled_tidy")


SUMS = """SELECT kind, trait, on_day, class, CAST(sum(amount_micros) AS BIGINT) AS amount_micros,
    CAST(sum(customers) AS BIGINT) AS customers, CAST(sum(payers) AS BIGINT) AS payers,
    CAST(sum(moves) AS BIGINT) AS moves
FROM ledger.rolled_up
GROUP BY kind, trait, on_day, class
HAVING sum(moves) > 0"""
