"""Reading entries back: pages in the order of seq, each a short query, none larger than memory allows."""

from collections.abc import Iterable, Sequence
from typing import Any

import zstandard
from sqlalchemy import BigInteger, Connection, Row, Select, literal_column, select

import mrr.journal.schema as schema
from mrr.journal.compress import Dictionaries, unpack
from mrr.journal.entry import Entry, KeptReceipt
from mrr.journal.trouble import JournalDamaged

StoredRow = Row[*tuple[Any, ...]]
"""A row of `entry` as it is stored: its body is a frame, or None if it was erased."""

_PAGE_BYTES = 64 * 1024 * 1024
_LOOKUP = 1000
_FETCH = 20

_columns = schema.entry.c
# The order is that of `_entry`'s parameters.
_ROW: Select[*tuple[Any, ...]] = select(
    _columns.seq,
    _columns.source,
    _columns.key,
    _columns.kind,
    _columns.occurred_at,
    _columns.recorded_at,
    _columns.body,
    _columns.body_digest,
    _columns.digest,
    _columns.erased_at,
    _columns.body_size,
    _columns.dictionary_id,
)


def page(connection: Connection, dictionaries: Dictionaries, after: int, until: int, most: int) -> list[Entry]:
    """The next entries with after < seq <= until: at most `most`, and fewer where their bodies are large.

    Errors: an entry is missing or its body unreadable, by its seq.
    """
    found = _entries(connection, dictionaries, rows(connection, after, until, most))
    for expected, entry in enumerate(found, start=after + 1):
        if entry.seq != expected:
            raise JournalDamaged(f"entry {expected} is missing")
    if not found:
        raise JournalDamaged(f"entry {after + 1} is missing")
    return found


def rows(connection: Connection, after: int, until: int, most: int) -> list[StoredRow]:
    """The next rows as they are stored, in the order of seq, until `most` or until their bodies fill a page."""
    query = _ROW.where(_columns.seq > after, _columns.seq <= until).order_by(_columns.seq).limit(most)
    taken: list[StoredRow] = []
    size = 0
    # Asking the driver for some rows at a time is much cheaper than for each; bodies are large, so not for many.
    for part in connection.execute(query).partitions(_FETCH):
        for row in part:
            taken.append(row)
            size += row.body_size
            if size >= _PAGE_BYTES:
                return taken
    return taken


def by_seq(connection: Connection, dictionaries: Dictionaries, seqs: Sequence[int]) -> dict[int, Entry]:
    """The entries of these seqs, as far as they exist, by seq."""
    found: dict[int, Entry] = {}
    for start in range(0, len(seqs), _LOOKUP):
        query = _ROW.where(_columns.seq.in_(seqs[start : start + _LOOKUP]))
        found |= {entry.seq: entry for entry in _entries(connection, dictionaries, connection.execute(query))}
    return found


def by_source(
    connection: Connection,
    dictionaries: Dictionaries,
    source: str,
    kinds: Sequence[str],
    after: int,
    keys: Sequence[str] | None,
) -> list[Entry]:
    """The entries of a source behind a seq, of these kinds and keys (None: of any), in the order of seq."""
    # The index by source and key makes this quick; an ORDER BY would have SQLite walk along seq instead.
    query = _ROW.where(_columns.source == source, _columns.kind.in_(kinds), _columns.seq > after)
    if keys is not None:
        query = query.where(_columns.key.in_(keys))
    return sorted(_entries(connection, dictionaries, connection.execute(query)), key=lambda entry: entry.seq)


def receipts(connection: Connection, before: int | None, most: int) -> list[KeptReceipt]:
    """The latest receipts, those before a number where one is given; the store numbers them itself."""
    columns, number = schema.receipt.c, literal_column("receipt_id", BigInteger)
    counts = columns.offered, columns.appended, columns.duplicates
    query = select(number, columns.recorded_at, columns.source, columns.note, *counts).order_by(number.desc())
    found = query if before is None else query.where(number < before)
    return [KeptReceipt(*row) for row in connection.execute(found.limit(most))]


class Bodies:
    """Decompresses the bodies of rows, for one thread and one transaction."""

    def __init__(self, connection: Connection, dictionaries: Dictionaries) -> None:
        self._connection = connection
        self._dictionaries = dictionaries
        self._decompressors: dict[int | None, zstandard.ZstdDecompressor] = {}

    def unpack(self, frame: bytes, size: int, dictionary_id: int | None) -> bytes:
        """The body. Errors: it is not what was written."""
        if dictionary_id not in self._decompressors:
            opened = self._dictionaries.decompressor(self._connection, dictionary_id)
            self._decompressors[dictionary_id] = opened
        return unpack(self._decompressors[dictionary_id], frame, size)


def _entries(connection: Connection, dictionaries: Dictionaries, found: Iterable[StoredRow]) -> list[Entry]:
    bodies = Bodies(connection, dictionaries)
    return [_entry(bodies, *row) for row in found]


def _entry(
    bodies: Bodies,
    seq: int,
    source: str,
    key: str,
    kind: str,
    occurred_at: int | None,
    recorded_at: int,
    frame: bytes,
    body_digest: bytes,
    digest: bytes,
    erased_at: int | None,
    body_size: int,
    dictionary_id: int | None,
) -> Entry:
    try:
        body = bodies.unpack(frame, body_size, dictionary_id) if erased_at is None else b""
    except JournalDamaged as damage:
        raise JournalDamaged(f"the body of entry {seq} is not what was written: {damage}") from damage
    return Entry(seq, source, key, kind, occurred_at, recorded_at, body, body_digest, digest, erased_at)
