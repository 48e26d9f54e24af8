"""Connections to the journal store, SQLite or PostgreSQL; all that differs between the two, but for type names."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import quote

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError

import mrr.journal.trouble as trouble

Mode = Literal["ro", "rw", "rwc"]
"""Read only; read and write; the same and create the file."""

_BEGIN = "mrr_begin"

# What SQLite's error codes (by the beginning of their names) mean to the user.
_SQLITE_TROUBLE: tuple[tuple[str, type[trouble.JournalTrouble], str], ...] = (
    ("SQLITE_FULL", trouble.DiskFull, "the disk is full"),
    ("SQLITE_BUSY", trouble.JournalLocked, "another process kept the journal locked for longer than the timeout"),
    ("SQLITE_LOCKED", trouble.JournalLocked, "another connection kept the journal locked for longer than the timeout"),
    ("SQLITE_READONLY", trouble.JournalUnwritable, "the journal cannot be written"),
    ("SQLITE_CANTOPEN", trouble.JournalUnwritable, "the journal cannot be opened or created"),
    ("SQLITE_PERM", trouble.JournalUnwritable, "access to the journal is denied"),
    ("SQLITE_NOTADB", trouble.NotAJournal, "this file is no journal (not an SQLite database)"),
    ("SQLITE_CORRUPT", trouble.JournalDamaged, "the file is corrupted"),
    ("SQLITE_IOERR", trouble.JournalTrouble, "the disk could not be read or written"),
)
_SQLSTATE_TROUBLE: dict[str, tuple[type[trouble.JournalTrouble], str]] = {
    "53100": (trouble.DiskFull, "the server's disk is full"),
    "55P03": (trouble.JournalLocked, "another process kept the journal locked for longer than the timeout"),
    "42501": (trouble.JournalUnwritable, "the server denies access"),
    "25006": (trouble.JournalUnwritable, "the journal was opened read-only"),
}


@contextmanager
def opened(place: str, mode: Mode, lock_timeout_ms: int) -> Iterator[Engine]:
    """An engine for `place`, a path or a PostgreSQL URL, which outlives the block unless the block raises."""
    engine = _connect(place, mode, lock_timeout_ms)
    try:
        yield engine
    except BaseException:
        engine.dispose()
        raise


def _connect(place: str, mode: Mode, lock_timeout_ms: int) -> Engine:
    if is_url(place):
        read_only = "on" if mode == "ro" else "off"
        options = f"-c lock_timeout={lock_timeout_ms} -c default_transaction_read_only={read_only}"
        return create_engine(place, max_overflow=-1, connect_args={"options": options})
    engine = create_engine(
        "sqlite://", creator=lambda: _sqlite(place, mode, lock_timeout_ms), poolclass=QueuePool, max_overflow=-1
    )
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def is_url(place: str) -> bool:
    """Whether the place is a PostgreSQL URL, not a path."""
    return place.startswith("postgresql") and "://" in place


def label(place: str) -> str:
    """The place as an error may show it: without the password."""
    return make_url(place).render_as_string(hide_password=True) if is_url(place) else place


def _sqlite(place: str, mode: Mode, lock_timeout_ms: int) -> sqlite3.Connection:
    # With isolation_level None the driver opens no transactions of its own; `_begin_sqlite` opens ours.
    connection = sqlite3.connect(
        f"file:{quote(place)}?mode={mode}",
        uri=True,
        timeout=lock_timeout_ms / 1000,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -65536")
    return connection


def use_wal(engine: Engine, place: str) -> None:
    """Let readers and the writer of an SQLite file work at once; the file remembers it."""
    if engine.dialect.name == "sqlite":
        with translated(place), engine.connect().execution_options(**{_BEGIN: None}) as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    statement = connection.get_execution_options().get(_BEGIN, "BEGIN")
    if statement:
        connection.exec_driver_sql(statement)


@contextmanager
def writing(engine: Engine, place: str) -> Iterator[Connection]:
    """One write transaction: committed and on disk when the block ends, rolled back if it raises."""
    # A writer takes SQLite's lock at once: a transaction that begins by reading could not wait for it later.
    options = {_BEGIN: "BEGIN IMMEDIATE"}
    with translated(place), engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine, place: str) -> Iterator[Connection]:
    """One read transaction that sees a single state of the journal from its first query to its end."""
    with translated(place), engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield connection


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Turn the database's errors into ours, which name the place and the remedy."""
    try:
        yield
    except DBAPIError as error:
        raise _trouble(error, place) from error


def _trouble(error: DBAPIError, place: str) -> trouble.JournalTrouble:
    origin: Any = error.orig
    code = getattr(origin, "sqlite_errorname", "")
    for start, kind, words in _SQLITE_TROUBLE:
        if code.startswith(start):
            return kind(f"{place}: {words} ({origin})")
    kind, words = _SQLSTATE_TROUBLE.get(
        getattr(origin, "sqlstate", None) or "", (trouble.JournalTrouble, "the database refused")
    )
    return kind(f"{place}: {words} ({origin})")
