"""DuckDB: everything that can be rebuilt. Runs the SQL files by name; knows nothing of what they mean."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib import resources
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from mrr.errors import BookError, WrongUse

T = TypeVar("T")
Row = tuple[Any, ...]
_numbers = count()
# Rows of some tables, by the name of the table.
Columns = dict[str, pa.Table]
# So many texts are kept as they were parsed: a fifth of what a small posting costs is reading the same SQL again.
PARSED = 1_024
# So much memory DuckDB takes before it puts data aside on disk; by itself it would take four fifths of the machine.
MEMORY = "2GB"
# So many rows share the marks by which a scan skips them: few, for a posting looks for some customers among all.
ROWS = 4_096
SETTINGS = (
    "SET TimeZone = 'UTC'",
    "SET preserve_insertion_order = false",
    # Up to so many customers are looked for by name, beyond that by the first and the last of them.
    "SET dynamic_or_filter_threshold = 500",
)


@cache
def sql(name: str) -> str:
    """The text of an SQL file of the package, e.g. `models/version`."""
    return resources.files("mrr.sql").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def memory() -> str:
    """How much memory one warehouse may take: `MRR_MEMORY`, or 2GB. Raises WrongUse for what is no size."""
    told = os.environ.get("MRR_MEMORY") or MEMORY
    if not re.fullmatch(r"[1-9]\d*(\.\d+)? ?[MGT]i?B", told):
        raise WrongUse(f"MRR_MEMORY={told} is no size", remedy="Write it as 512MB or 8GB.")
    return told


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


@cache
def only_where(model: str) -> tuple[str, ...]:
    """What a model's header says that it needs rows of, models by name or queries; empty where it says nothing.

    Where there are none it has none either, and asking that is quicker than planning its query.
    """
    found = re.search(r"^-- Only where: (.+?)\.$", sql(f"models/{model}"), re.MULTILINE)
    return tuple(found.group(1).split(" or ")) if found else ()


@cache
def read(query: str) -> frozenset[str]:
    """The tables that a plain query reads."""
    return frozenset(re.findall(r"(?:FROM|JOIN) (\w+)", query))


def is_damage(error: duckdb.Error) -> bool:
    """Whether an error may come of the file itself: unreadable, cut short, full, or without a table of ours."""
    # A block whose checksum is wrong is told by the bare base class.
    damage = (duckdb.OperationalError, duckdb.InternalError, duckdb.FatalException, duckdb.CatalogException)
    if isinstance(error, duckdb.OutOfMemoryException):
        return False
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

    def __init__(self, path: Path | None = None) -> None:
        settings: dict[str, Any] = {"memory_limit": memory()}
        if path:
            settings["temp_directory"] = f"{path}.tmp"
        connection = duckdb.connect(":memory:", config=settings)
        try:
            if path:
                connection.execute(f"ATTACH {_quoted(path)} AS book (ROW_GROUP_SIZE {ROWS})")
            self._connected(path, connection)
        except duckdb.Error as error:
            connection.close()
            raise BookError(
                f"{path}: {error}", remedy="It can be rebuilt: remove the file and run `mrr build`."
            ) from error
        self._begin()

    def _connected(self, path: Path | None, connection: "duckdb.DuckDBPyConnection") -> None:
        self.path, self.connection = path, connection
        self._parsed = lru_cache(maxsize=PARSED)(connection.extract_statements)
        if path:
            self.execute("USE book")

    def _begin(self) -> None:
        for statement in (*SETTINGS, sql("macros")):
            self.execute(statement)
        self._types: dict[str, pa.Schema] = {}
        # What conditions of models said of tables that were not made anew since.
        self._said: dict[str, bool] = {}
        # Whether the small tables that shape every derivation stand on this connection (posting minds them).
        self.prepared = False
        # The temporary tables that models made on this connection, with their numbers of rows.
        self.made: dict[str, int] = {}
        self._told: dict[str, tuple[Any, Any]] = {}

    @property
    def name(self) -> str:
        """What DuckDB calls this database, quoted: before it stand the tables that another connection reads."""
        return '"' + str(self.one("SELECT current_database()")[0]).replace('"', '""') + '"'

    @contextmanager
    def beside(self) -> Iterator["Warehouse"]:
        """An empty warehouse in memory on the same DuckDB, that can read the tables of this one; gone afterwards."""
        scratch = Warehouse.__new__(Warehouse)
        scratch._connected(None, self.connection.cursor())
        name = f"beside_{next(_numbers)}"
        try:
            scratch.execute(f"ATTACH ':memory:' AS {name}")
            scratch.execute(f"USE {name}")
            scratch._begin()
            yield scratch
        finally:
            scratch.close()
            self.execute(f"DETACH DATABASE IF EXISTS {name}")

    def reader(self) -> "Warehouse":
        """A connection of its own to the same database, for another thread; with temporary tables of its own."""
        reader = Warehouse.__new__(Warehouse)
        reader._connected(self.path, self.connection.cursor())
        reader._begin()
        return reader

    def close(self) -> None:
        """Let go of the file."""
        self._parsed.cache_clear()
        self.connection.close()

    def execute(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> None:
        """Run a statement for its effect, or several that take no values.

        Raises BookError where DuckDB has too little memory for it.
        """
        try:
            for parsed in self._parsed(statement):
                self.connection.execute(parsed, values)
        except duckdb.OutOfMemoryException as error:
            told = f"this takes more than the {memory()} of memory that DuckDB may have"
            raise BookError(told, remedy="Let it have more: MRR_MEMORY=8GB, say.") from error

    def rows(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Row]:
        """All rows of a query."""
        self.execute(query, values)
        return self.connection.fetchall()

    def one(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> Row:
        """The only row of a query."""
        (row,) = self.rows(query, values)
        return row

    def dicts(self, query: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[dict[str, Any]]:
        """All rows of a query, by column name."""
        self.execute(query, values)
        names = [column[0] for column in self.connection.description or ()]
        return [dict(zip(names, row, strict=True)) for row in self.connection.fetchall()]

    def has(self, table: str) -> bool:
        """Whether a stored table exists, in the schema of facts or of the ledger."""
        found = self.rows(
            """SELECT 1 FROM duckdb_tables()
            WHERE table_name = ? AND NOT temporary AND database_name = current_database()""",
            [table],
        )
        return bool(found)

    def create(self, table: str, query: str, values: Mapping[str, Any] | None = None) -> None:
        """Make or replace a temporary table from a query, and note how many rows it has."""
        self.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {query}", values or ())
        self._note(table, int(self.connection.fetchall()[0][0]))

    def model(self, name: str) -> None:
        """Run models/NAME.sql into the temporary table NAME, or only empty that where its header says so."""
        try:
            if name in self.made and only_where(name) and not any(map(self._any, only_where(name))):
                if self.made[name]:
                    self.execute(f"TRUNCATE temp.{name}")
                    self._note(name, 0)
            else:
                self.create(name, sql(f"models/{name}"))
        except duckdb.Error as error:
            error.add_note(f"in sql/models/{name}.sql")
            raise

    def _any(self, needed: str) -> bool:
        """Whether a model that another one needs has rows, or a query; of temporary tables that one is asked once."""
        if needed in self.made:
            return self.made[needed] > 0
        if needed in self._said:
            return self._said[needed]
        found = bool(self.rows(f"{needed} LIMIT 1"))
        if read(needed) <= self.made.keys():
            self._said[needed] = found
        return found

    def _note(self, table: str, count: int | None) -> None:
        """Note that a temporary table was made anew, of so many rows; None: it is no more."""
        self.made.pop(table, None)
        if count is not None:
            self.made[table] = count
        for needed in [needed for needed in self._said if table in read(needed)]:
            del self._said[needed]

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

    def once(self, name: str, question: Any, make: Callable[[], T]) -> T:
        """What `make` gives; where that was asked last under this name, and nothing changed since, what it gave then.

        So that questions which share their beginnings, as the figures of one page do, make these once.
        """
        if name not in self._told or self._told[name][0] != question:
            self._told.pop(name, None)
            self._told[name] = question, make()
        told: T = self._told[name][1]
        return told

    def changed(self, name: str | None = None) -> None:
        """What was told once under a name holds no more; without one nothing does, for the ledger went on."""
        for told in list(self._told) if name is None else [name]:
            self._told.pop(told, None)

    def forget(self) -> None:
        """Make anew what a transaction that was rolled back has made."""
        self.prepared = False
        self.made.clear()
        self._said.clear()
        self.changed()

    def drop(self, model: str) -> None:
        """Drop the temporary table of a model."""
        self.execute(f"DROP TABLE temp.{model}")
        self._note(model, None)

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
        self.execute(f"INSERT INTO {table} SELECT {', '.join(filter(None, ('*', computed)))} FROM _rows")
        self.connection.unregister("_rows")

    def temp(self, table: str, columns: str, rows: Iterable[Row], computed: str = "") -> None:
        """Make or replace a small temporary table, `columns` as in CREATE TABLE, `computed` as in `fill`."""
        told = list(rows)
        if not told and self.made.get(table) == 0:
            return
        self.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({columns})")
        self.fill(table, told, computed)
        self._note(table, len(told))

    def _schema(self, table: str) -> pa.Schema:
        if table not in self._types:
            self._types[table] = self.connection.sql(f"SELECT * FROM {table} LIMIT 0").to_arrow_table().schema
        return self._types[table]
