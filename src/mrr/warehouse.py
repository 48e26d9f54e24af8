"""DuckDB: everything that can be rebuilt. Runs the SQL files by name; knows nothing of what they mean."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from mrr.errors import BookError

Row = tuple[Any, ...]
_numbers = count()
# Rows of some tables, by the name of the table.
Columns = dict[str, pa.Table]


@cache
def sql(name: str) -> str:
    """The text of an SQL file of the package, e.g. `models/version`."""
    return resources.files("mrr.sql").joinpath(f"{name}.sql").read_text(encoding="utf-8")


@cache
def only_where(model: str) -> tuple[str, ...]:
    """What a model's header says that it needs rows of, models by name or queries; empty where it says nothing.

    Where there are none it has none either, and asking that is quicker than planning its query.
    """
    found = re.search(r"^-- Only where: (.+?)\.$", sql(f"models/{model}"), re.MULTILINE)
    return tuple(found.group(1).split(" or ")) if found else ()


def is_damage(error: duckdb.Error) -> bool:
    """Whether an error may come of the file itself: unreadable, cut short, full, or without a table of ours."""
    # A block whose checksum is wrong is told by the bare base class.
    damage = (duckdb.OperationalError, duckdb.InternalError, duckdb.FatalException, duckdb.CatalogException)
    return isinstance(error, damage) or type(error) is duckdb.Error


def remove(path: Path) -> None:
    """Remove a warehouse with what DuckDB keeps beside it. Raises BookError where that cannot be."""
    try:
        for leftover in (path, path.with_name(path.name + ".wal")):
            leftover.unlink(missing_ok=True)
    except OSError as error:
        raise BookError(f"{path}: {error.strerror}", remedy="Move it out of the book, then try again.") from error


class Warehouse:
    """A DuckDB file, or memory where no path is given. Instants are naive UTC timestamps."""

    def __init__(self, path: Path | None = None, *, read_only: bool = False) -> None:
        self.path = path
        try:
            self.connection = duckdb.connect(str(path) if path else ":memory:", read_only=read_only)
        except duckdb.Error as error:
            raise BookError(
                f"{path}: {error}", remedy="It can be rebuilt: remove the file and run `mrr build`."
            ) from error
        self._begin()

    def _begin(self) -> None:
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute("SET preserve_insertion_order = false")
        self.connection.execute(sql("macros"))
        self._types: dict[str, pa.Schema] = {}
        # Whether the small tables that shape every derivation stand on this connection (posting.py minds them).
        self.prepared = False
        # The temporary tables that models made on this connection, with their numbers of rows.
        self.made: dict[str, int] = {}

    @property
    def name(self) -> str:
        """What DuckDB calls this database, quoted: before it stand the tables that another connection reads."""
        return '"' + str(self.one("SELECT current_database()")[0]).replace('"', '""') + '"'

    @contextmanager
    def beside(self) -> Iterator["Warehouse"]:
        """An empty warehouse in memory on the same DuckDB, that can read the tables of this one; gone afterwards."""
        scratch = Warehouse.__new__(Warehouse)
        scratch.path, scratch.connection = None, self.connection.cursor()
        name = f"beside_{next(_numbers)}"
        try:
            scratch.execute(f"ATTACH ':memory:' AS {name}")
            scratch.execute(f"USE {name}")
            scratch._begin()
            yield scratch
        finally:
            scratch.close()
            self.execute(f"DETACH DATABASE IF EXISTS {name}")

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def execute(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> None:
        """Run a statement for its effect."""
        self.connection.execute(statement, values)

    def rows(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Row]:
        """All rows of a query."""
        return self.connection.execute(query, values).fetchall()

    def one(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> Row:
        """The only row of a query."""
        (row,) = self.rows(query, values)
        return row

    def dicts(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[dict[str, Any]]:
        """All rows of a query, by column name."""
        cursor = self.connection.execute(query, values)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def has(self, table: str) -> bool:
        """Whether a stored table exists, in the schema of facts or of the ledger."""
        found = self.rows(
            """SELECT 1 FROM duckdb_tables()
            WHERE table_name = ? AND NOT temporary AND database_name = current_database()""",
            [table],
        )
        return bool(found)

    def create(self, table: str, query: str) -> None:
        """Make or replace a temporary table from a query, and note how many rows it has."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {query}")
        self.made[table] = int(self.connection.fetchall()[0][0])

    def model(self, name: str) -> None:
        """Run models/NAME.sql into the temporary table NAME, or only empty that where its header says so."""
        try:
            if name in self.made and only_where(name) and not any(map(self._any, only_where(name))):
                self.execute(f"TRUNCATE temp.{name}")
                self.made[name] = 0
            else:
                self.create(name, sql(f"models/{name}"))
        except duckdb.Error as error:
            error.add_note(f"in sql/models/{name}.sql")
            raise

    def _any(self, needed: str) -> bool:
        return bool(self.rows(f"{needed} LIMIT 1")) if needed.startswith("SELECT") else self.made[needed] > 0

    @contextmanager
    def alone(self, few: bool) -> Iterator[None]:
        """On one thread, where there is only little to do."""
        if not few:
            yield
            return
        (threads,) = self.one("SELECT current_setting('threads')")
        self.execute("SET threads = 1")
        try:
            yield
        finally:
            self.execute(f"SET threads = {threads}")

    def forget(self) -> None:
        """Make anew what a transaction that was rolled back has made."""
        self.prepared = False
        self.made.clear()

    def drop(self, model: str) -> None:
        """Drop the temporary table of a model."""
        self.execute(f"DROP TABLE temp.{model}")
        self.made.pop(model, None)

    def fill(self, table: str, rows: Sequence[Row], computed: str = "") -> None:
        """Append rows to a table, through Arrow. Integers in TIMESTAMP columns are µs since the epoch.

        `computed` are SQL expressions for the last columns, over those that the rows have.
        """
        if rows:
            self.take(table, self.columns(table, rows), computed)

    def columns(self, table: str, rows: Sequence[Row]) -> pa.Table:
        """Some rows of a table, as columns of its types."""
        schema = pa.schema(list(self._schema(table))[: len(rows[0])])
        columns = zip(zip(*rows, strict=True), schema, strict=True)
        return pa.Table.from_arrays([pa.array(column, type=field.type) for column, field in columns], schema=schema)

    def take(self, table: str, columns: pa.Table, computed: str = "") -> None:
        """Append columns to a table; `computed` as in `fill`."""
        self.connection.register("_rows", columns)
        self.connection.execute(f"INSERT INTO {table} SELECT {', '.join(filter(None, ('*', computed)))} FROM _rows")
        self.connection.unregister("_rows")

    def temp(self, table: str, columns: str, rows: Iterable[Row], computed: str = "") -> None:
        """Make or replace a small temporary table, `columns` as in CREATE TABLE, `computed` as in `fill`."""
        told = list(rows)
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({columns})")
        self.fill(table, told, computed)
        self._types.pop(table, None)
        self.made[table] = len(told)

    def _schema(self, table: str) -> pa.Schema:
        if table not in self._types:
            self._types[table] = self.connection.sql(f"SELECT * FROM {table} LIMIT 0").to_arrow_table().schema
        return self._types[table]
