"""An answer as a table of any database that SQLAlchemy reaches, replaced in one transaction."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, SQLAlchemyError

import mrr.export.place as place
from mrr.errors import WrongUse
from mrr.reports.tables import AMOUNT, DEFINITION, RATIO

# Which tables we made, and what they mean. No other table is ever touched.
DEFINITIONS = "mrr_definition"
TYPES: Mapping[pa.DataType, sa.types.TypeEngine[Any]] = {
    pa.string(): sa.Text(),
    pa.int64(): sa.BigInteger(),
    pa.bool_(): sa.Boolean(),
    pa.date32(): sa.Date(),
    pa.timestamp("us", tz="UTC"): sa.DateTime(timezone=True),
    AMOUNT: sa.Numeric(38, 6),
    RATIO: sa.Numeric(20, 6),
}
_CHUNK = 5_000


def knows_decimals(to: str) -> bool:
    """Whether a database keeps decimals exactly; SQLite has integers and floats only, and takes micros instead."""
    return _url(to).get_backend_name() != "sqlite"


def to_database(table: pa.Table, to: str, name: str) -> place.Written:
    """Create the table `name` (or `schema.name`), or replace its rows; readers see the old ones or the new.

    The definition goes to the table `mrr_definition`. Raises ExportError where the database cannot be reached or
    refuses, or where a table of that name is not ours.
    """
    schema, _, bare = name.rpartition(".")
    with _reached(to) as engine, engine.begin() as connection:
        metadata = sa.MetaData(schema=schema or None)
        columns = [sa.Column(column.name, TYPES[column.type]) for column in table.schema]
        _replace(connection, sa.Table(bare, metadata, *columns), table)
    return place.Written(f"{shown(to)} {name}", "database", table.num_rows, f"{DEFINITIONS}.{name}")


def shown(to: str) -> str:
    """A URL as it may be shown: without its password, and without options, which may hold another."""
    return _url(to).set(query={}).render_as_string(hide_password=True)


def _replace(connection: sa.Connection, target: sa.Table, table: pa.Table) -> None:
    ours = _definitions(target.metadata)
    ours.create(connection, checkfirst=True)
    found = sa.inspect(connection)
    if found.has_table(target.name, schema=target.schema):
        if connection.scalar(sa.select(ours.c.table_name).where(ours.c.table_name == target.name)) is None:
            message = f"the table {target.fullname} is there already, and `mrr export` did not make it"
            raise place.ExportError(message, remedy="Name another with --table.")
        held = [column["name"] for column in found.get_columns(target.name, schema=target.schema)]
        if held == target.columns.keys():
            connection.execute(target.delete())
        else:
            target.drop(connection)
    target.create(connection, checkfirst=True)
    for batch in table.to_batches(max_chunksize=_CHUNK):
        connection.execute(target.insert(), batch.to_pylist())
    connection.execute(ours.delete().where(ours.c.table_name == target.name))
    connection.execute(
        ours.insert(), {"table_name": target.name, "definition": table.schema.metadata[DEFINITION].decode()}
    )


def _definitions(metadata: sa.MetaData) -> sa.Table:
    name = sa.Column("table_name", sa.String(255), primary_key=True)
    return sa.Table(DEFINITIONS, metadata, name, sa.Column("definition", sa.Text, nullable=False))


@contextmanager
def _reached(to: str) -> Iterator[sa.Engine]:
    url = _url(to)
    try:
        engine = sa.create_engine(url)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        remedy = "PostgreSQL: `pip install 'mrr[postgres]'` and postgresql+psycopg://…; others: install their driver."
        raise place.ExportError(f"no driver for {url.drivername}: {error}", remedy=remedy) from None
    if engine.dialect.name == "sqlite":
        # The driver would open no transaction before it makes a table; we open it ourselves.
        sa.event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        yield engine
    except SQLAlchemyError as error:
        raise place.ExportError(f"{shown(to)}: {_reason(error, url)}", remedy=_remedy(error)) from None
    finally:
        engine.dispose()


def _url(to: str) -> sa.URL:
    try:
        return sa.make_url(to)
    except (ArgumentError, ValueError):
        # The text is not repeated: a mistyped URL may show a password where none is looked for.
        remedy = "Write dialect+driver://user@host:port/name, such as postgresql+psycopg://mrr@localhost/bi."
        raise WrongUse("--to is no URL of a database", remedy=remedy) from None


def _reason(error: SQLAlchemyError, url: sa.URL) -> str:
    told = str(getattr(error, "orig", None) or error).strip()
    first = told.splitlines()[0] if told else type(error).__name__
    for secret in (url.password, *_texts(url.query.values())):
        if secret:
            first = first.replace(secret, "***")
    return first


def _texts(values: Iterable[str | tuple[str, ...]]) -> Iterator[str]:
    for value in values:
        yield from (value,) if isinstance(value, str) else value


def _remedy(error: SQLAlchemyError) -> str:
    if isinstance(error, OperationalError):
        return "See that the server is up, that host, port, name and password are right, and that there is room."
    return "See that this user may make tables there and write to them."
