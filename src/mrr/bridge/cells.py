"""The desk of a bridge: what moved in each ledger on the path, for the customers who differ, side by side."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NamedTuple

from mrr.bridge.sealed import Apart, Seal
from mrr.derivation import ledgers, seen
from mrr.derivation.ledgers import Ledger
from mrr.period import OPEN_END, midnight
from mrr.warehouse import Row, Warehouse, sql


class Asked(NamedTuple):
    """Which part of the ledgers is compared: up to `as_of`, the months from `first` on and before `until`.

    Given `customers` (canonical ids), only these are looked at.
    """

    as_of: datetime
    first: date = date.min
    until: date = OPEN_END.date()
    customers: list[str] | None = None


class Cells:
    """The cells of every ledger that was looked at, by its number; 0 is the left one, 1 the right one."""

    def __init__(self, book: Warehouse, desk: Warehouse, asked: Asked) -> None:
        self.book, self.desk, self.asked = book, desk, asked
        self._numbers: dict[Any, int] = {}
        self._next = 2
        for table, columns in _TABLES.items():
            desk.execute(f"CREATE TABLE {table} ({columns})")

    def sealed(self, side: int, seal: Seal, apart: Sequence[Apart]) -> None:
        """Say what of an end was sealed otherwise, before `differing`. Nothing before the closed month is shown then:

        of what was before it, a seal tells only what it came to.
        """
        self.asked = self.asked._replace(first=max(self.asked.first, seal.month))
        self.desk.fill("apart_sealed", [(side, seal.month, *one) for one in apart])

    def differing(self, left: Warehouse, right: Warehouse) -> list[str]:
        """The customers who differ between two whole ledgers, by digest or seal; their cells are numbers 0 and 1."""
        for number, whole in enumerate((left, right)):
            whole.execute(
                f"INSERT INTO {self.desk.name}.digest SELECT {number}, customer_id, digest FROM ledger.customer_digest"
            )
        self.desk.execute("INSERT INTO differing " + _DIFFERING)
        for number, whole in enumerate((left, right)):
            seen.look(whole, self.asked.as_of)
            for table in ("cell", "standing", "total"):
                self._take(table, number, whole)
        return [name for (name,) in self.desk.rows("SELECT customer_id FROM differing ORDER BY customer_id")]

    def unsealed(self, side: int) -> int:
        """The number of an end as today's engine has it; its own number then means what was sealed.

        Of what was sealed only amounts are known, no movements.
        """
        number, self._next = self._next, self._next + 1
        self.desk.execute(
            f"INSERT INTO cell SELECT * REPLACE ({number} AS ledger_no) FROM cell WHERE ledger_no = {side}"
        )
        self.desk.execute(f"UPDATE cell SET movement_ids = NULL WHERE ledger_no = {side}")
        for table, columns in _SEALED.items():
            query = columns.replace("$first", f"DATE '{self.asked.first}'")
            self.desk.execute(f"INSERT INTO {table} SELECT {query} FROM apart_sealed WHERE ledger_no = {side}")
        return number

    def number(self, ledger: Ledger, customers: Collection[str]) -> int:
        """The number of a ledger, which is derived for the customers who differ unless it was before."""
        key = _key(ledger)
        if key not in self._numbers:
            self._numbers[key] = self.derived(ledger, customers)
        return self._numbers[key]

    def named(self, ledger: Ledger, number: int) -> None:
        """Say which ledger it is that has a number already."""
        self._numbers[_key(ledger)] = number

    def derived(self, ledger: Ledger, customers: Collection[str]) -> int:
        """Derive some customers of a ledger, and keep their cells under a new number."""
        number, self._next = self._next, self._next + 1
        with ledgers.opened(self.book, ledger, customers) as some:
            seen.look(some, self.asked.as_of)
            self._take("cell", number, some)
        return number

    def keep(self, number: int, rows: Iterable[Row]) -> None:
        """Keep cells that come from elsewhere: in_month, customer_id, class, amount, moves, movement ids."""
        self.desk.fill("cell", [(number, *row) for row in rows])

    def _take(self, table: str, number: int, ledger: Warehouse) -> None:
        """Read what moved (`cell`, `total`) or what stands at the end (`standing`) out of a ledger that is seen."""
        (timezone,) = ledger.one("SELECT timezone FROM policy")
        over = OPEN_END if self.asked.until == OPEN_END.date() else midnight(self.asked.until, timezone)
        words = {
            "$number": str(number),
            "$scope": f"{self.desk.name}.differing",
            "$first": f"DATE '{self.asked.first}'",
            "$until": f"DATE '{self.asked.until}'",
            "$closes_at": f"TIMESTAMP '{min(over, self.asked.as_of)}'",
        }
        query = sql(f"reports/{_READ[table]}")
        for word, meant in words.items():
            query = query.replace(word, meant)
        ledger.execute(f"INSERT INTO {self.desk.name}.{table} {query}")

    def hop(self, step: int, before: int, after: int) -> None:
        """Let a step lead from one ledger to another, for everybody who differs."""
        self.desk.execute(f"INSERT INTO hop SELECT {step}, customer_id, {before}, {after} FROM differing")


_TABLES = {
    "digest": "side INTEGER, customer_id VARCHAR, digest VARCHAR",
    "differing": "customer_id VARCHAR",
    "cell": """ledger_no INTEGER, in_month DATE, customer_id VARCHAR, class VARCHAR, amount_micros BIGINT, moves BIGINT,
        movement_ids VARCHAR[]""",
    "total": "ledger_no INTEGER, in_month DATE, class VARCHAR, amount_micros BIGINT",
    "standing": "ledger_no INTEGER, customer_id VARCHAR, subscription_id VARCHAR, amount_micros BIGINT",
    "apart_sealed": "ledger_no INTEGER, in_month DATE, customer_id VARCHAR, class VARCHAR, amount_micros BIGINT",
    "hop": "step_no INTEGER, customer_id VARCHAR, before_no INTEGER, after_no INTEGER",
    "apart": "step_no INTEGER, customer_id VARCHAR, before_no INTEGER, after_no INTEGER",
    "evidence": "step_no INTEGER, customer_id VARCHAR, seq BIGINT",
}
_READ = {"cell": "bridge_cell", "standing": "bridge_standing", "total": "bridge_total"}
_DIFFERING = """SELECT customer_id
FROM (SELECT customer_id, digest FROM digest WHERE side = 0) AS l
FULL JOIN (SELECT customer_id, digest FROM digest WHERE side = 1) AS r USING (customer_id)
WHERE l.digest IS DISTINCT FROM r.digest
UNION SELECT customer_id FROM apart_sealed"""
# What was sealed otherwise as rows of the other tables. What a month opened with came to be before it.
_SEALED = {
    "cell": """ledger_no, $first, customer_id, CASE WHEN in_month < $first THEN 'opening' ELSE class END, amount_micros,
        0, NULL""",
    "total": "ledger_no, in_month - to_months(CAST(class = 'opening' AS INTEGER)), class, amount_micros",
    "standing": "ledger_no, customer_id, '', amount_micros",
}


@contextmanager
def laid_out(book: Warehouse) -> Iterator[Warehouse]:
    """An empty desk in memory that sees all facts of the book; gone afterwards."""
    with book.beside() as desk:
        for table, _ in ledgers.tables(book):
            desk.execute(f"CREATE VIEW {table} AS FROM {book.name}.{table}")
        yield desk


def _key(ledger: Ledger) -> tuple[Any, ...]:
    return ledger.policy.ledger_hash, ledger.seq, ledger.edits_seq, ledger.also, ledger.sources
