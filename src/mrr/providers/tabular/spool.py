"""Rows on their way to the journal, on disk: however long a table is, its rows come out in groups and in one order."""

import sqlite3
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from mrr.errors import ImportFileError

_BATCH = 5_000


class Group(NamedTuple):
    """The rows that speak of one subject: each in its one form, with the number under which a person finds it."""

    key: str
    rows: list[bytes]
    numbers: list[int]


class Spool:
    """A temporary file of rows. Raises ImportFileError where the disk is full."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="mrr-spool-")
        self._file = sqlite3.connect(Path(self._folder.name) / "rows.sqlite", isolation_level=None)
        # Nothing here outlives the import: it needs neither a journal nor to be on the platter.
        for setting in ("journal_mode = OFF", "synchronous = OFF", "temp_store = FILE", "cache_size = -16384"):
            self._file.execute(f"PRAGMA {setting}")
        self._file.execute("CREATE TABLE row (key TEXT, cells BLOB, number INTEGER)")
        self._waiting: list[tuple[str, bytes, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()
        self._folder.cleanup()

    def add(self, key: str, cells: bytes, number: int) -> None:
        """Take in a row."""
        self._waiting.append((key, cells, number))
        if len(self._waiting) == _BATCH:
            self._write()

    def groups(self) -> Iterator[Group]:
        """All rows by subject, each row once, in the order of their bytes and not of the table."""
        self._write()
        query = "SELECT key, cells, min(number) FROM row GROUP BY key, cells ORDER BY key, cells"
        try:
            for key, found in groupby(self._file.execute(query), key=lambda row: row[0]):
                _, rows, numbers = zip(*found, strict=True)
                yield Group(key, list(rows), list(numbers))
        except sqlite3.Error as error:
            raise _full(error) from error

    def _write(self) -> None:
        try:
            self._file.execute("BEGIN")
            self._file.executemany("INSERT INTO row VALUES (?, ?, ?)", self._waiting)
            self._file.execute("COMMIT")
        except sqlite3.Error as error:
            raise _full(error) from error
        self._waiting.clear()


def _full(error: sqlite3.Error) -> ImportFileError:
    remedy = f"Free some space in {tempfile.gettempdir()}, or name another directory in TMPDIR; nothing was imported."
    return ImportFileError(f"the rows cannot be kept aside: {error}", remedy=remedy)
