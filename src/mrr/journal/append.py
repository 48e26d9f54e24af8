"""Writing a group of batches: what is new, which seq and digest it gets, and a receipt for each batch."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select, update

import mrr.journal.schema as schema
from mrr.journal.chain import body_digest, entry_digest
from mrr.journal.compress import LARGEST_BODY, Packer
from mrr.journal.entry import Head, Receipt, Record
from mrr.journal.trouble import RecordRefused

_LONGEST_NAME = 1000
# So many identities are looked up at once, the last repeated where there are fewer: few queries, whose texts are kept.
_LOOKUPS = (1, 10, 100, 1000)
_INT64 = range(-(2**63), 2**63)

Identity = tuple[str, str, bytes]
"""What makes two records the same: source, key and the digest of the body."""


class Batch(NamedTuple):
    """Records of one source that passed `offer`'s checks, with the digests of their bodies."""

    source: str
    records: Sequence[Record]
    digests: Sequence[bytes]
    recorded_at: int
    note: str

    def identities(self) -> Iterator[Identity]:
        """The identity of each record, in their order."""
        return ((self.source, record.key, digest) for record, digest in zip(self.records, self.digests, strict=True))


def offer(source: str, records: Sequence[Record], recorded_at: int, note: str) -> Batch:
    """Check the records and hash their bodies. Errors: a record that no journal can keep, by its place and key."""
    _check_name("source", source)
    _check_instant("recorded_at", recorded_at)
    for place, record in enumerate(records, start=1):
        try:
            _check(record)
        except RecordRefused as refusal:
            raise RecordRefused(f"record {place} of {len(records)} (key {record.key!r:.200}): {refusal}") from None
    return Batch(source, records, [body_digest(record.body) for record in records], recorded_at, note)


def _check(record: Record) -> None:
    _check_name("key", record.key)
    _check_name("kind", record.kind)
    if record.occurred_at is not None:
        _check_instant("occurred_at", record.occurred_at)
    if len(record.body) > LARGEST_BODY:
        raise RecordRefused(f"its body has {len(record.body)} bytes, more than the {LARGEST_BODY} a journal keeps")


def _check_name(field: str, name: str) -> None:
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        raise RecordRefused(f"{field}: not a Unicode text") from None
    if not 0 < size <= _LONGEST_NAME or "\0" in name:
        raise RecordRefused(f"{field}: must have 1 to {_LONGEST_NAME} bytes in UTF-8 and no zero byte")


def _check_instant(field: str, instant: int) -> None:
    if instant not in _INT64:
        raise RecordRefused(f"{field}: {instant} µs does not fit 64 bits")


def write(connection: Connection, packer: Packer, batches: Sequence[Batch]) -> list[Receipt]:
    """Append the batches in the caller's transaction, one receipt each; locks the head row until it ends."""
    chain = _Chain(locked_head(connection))
    standing = _standing(connection, batches)
    receipts = [chain.place(batch, standing) for batch in batches]
    if chain.links:
        # Straight to the driver: SQLAlchemy's work on each value would cost more than the insert itself.
        connection.exec_driver_sql(_marked(connection, _INSERT), list(_rows(connection, packer, chain.links)))
        connection.execute(
            update(schema.head).values(seq=chain.seq, digest=chain.digest, recorded_at=chain.recorded_at)
        )
    connection.execute(insert(schema.receipt), chain.receipts)
    return receipts


_COLUMNS = "seq, source, key, kind, occurred_at, recorded_at, body, body_size, body_digest, digest, dictionary_id"
_INSERT = f"INSERT INTO entry ({_COLUMNS}) VALUES ({', '.join('?' * 11)})"


def _marked(connection: Connection, statement: str) -> str:
    """A statement with the driver's own mark where a value goes."""
    return statement if connection.dialect.name == "sqlite" else statement.replace("?", "%s")


def locked_head(connection: Connection) -> Head:
    """The head row, locked against other writers (on SQLite the whole transaction is)."""
    row = connection.execute(select(schema.head).with_for_update()).one()
    return Head(row.seq, row.digest, row.recorded_at)


class _Link(NamedTuple):
    """A new entry at its place in the chain; the body of its record is not yet compressed."""

    seq: int
    source: str
    record: Record
    recorded_at: int
    body_digest: bytes
    digest: bytes


class _Chain:
    """The end of the chain while it grows, with what is new in it, and the receipts."""

    def __init__(self, head: Head) -> None:
        self.seq, self.digest, self.recorded_at = head.seq, head.digest, head.recorded_at
        self.links: list[_Link] = []
        self.receipts: list[dict[str, Any]] = []

    def place(self, batch: Batch, standing: dict[Identity, int]) -> Receipt:
        """Chain what is new in the batch, and note it in `standing`."""
        before = self.seq
        # Our clock may be set back, the journal's order may not: an instant is never below its predecessor's.
        instant = max(batch.recorded_at, self.recorded_at)
        seqs = []
        for record, identity in zip(batch.records, batch.identities(), strict=True):
            seq = standing.get(identity)
            if seq is None:
                seq = standing[identity] = self._extend(record, identity, instant)
            seqs.append(seq)
        appended = self.seq - before
        first, last = (before + 1, self.seq) if appended else (None, None)
        self.receipts.append(
            {
                "recorded_at": instant,
                "source": batch.source,
                "note": batch.note,
                "offered": len(seqs),
                "appended": appended,
                "duplicates": len(seqs) - appended,
            }
        )
        return Receipt(len(seqs), appended, len(seqs) - appended, first, last, tuple(seqs))

    def _extend(self, record: Record, identity: Identity, instant: int) -> int:
        source, key, digest = identity
        self.seq += 1
        self.recorded_at = instant
        self.digest = entry_digest(self.digest, self.seq, source, key, record.kind, record.occurred_at, instant, digest)
        self.links.append(_Link(self.seq, source, record, instant, digest, self.digest))
        return self.seq


def _standing(connection: Connection, batches: Sequence[Batch]) -> dict[Identity, int]:
    """The seq of each offered identity that the journal has already."""
    found: dict[Identity, int] = {}
    for source in {batch.source for batch in batches}:
        offered = {identity[1:] for batch in batches if batch.source == source for identity in batch.identities()}
        for part in _parts(list(offered)):
            keys = [key for key, _ in part]
            query = _marked(connection, lookup(len(part)))
            pairs = [value for pair in part for value in pair]
            rows = connection.exec_driver_sql(query, (source, *keys, *pairs))
            found |= {(source, key, bytes(digest)): seq for key, digest, seq in rows}
    return found


@cache
def lookup(count: int) -> str:
    """The query for a source's entries of so many identities: values are source, keys, then keys with digests."""
    # The keys are implied by the pairs, but with the pairs alone SQLite would scan every entry of the source.
    keys, pairs = ", ".join(["?"] * count), ", ".join(["(?, ?)"] * count)
    return f"""SELECT key, body_digest, seq FROM entry
        WHERE source = ? AND key IN ({keys}) AND (key, body_digest) IN (VALUES {pairs})"""


def _parts(offered: list[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    for start in range(0, len(offered), _LOOKUPS[-1]):
        part = offered[start : start + _LOOKUPS[-1]]
        size = next(size for size in _LOOKUPS if size >= len(part))
        yield part + part[-1:] * (size - len(part))


def _rows(connection: Connection, packer: Packer, links: Sequence[_Link]) -> Iterator[tuple[Any, ...]]:
    for source in {link.source for link in links}:
        of_source = [link for link in links if link.source == source]
        dictionary_id, frames = packer.pack(connection, source, [link.record.body for link in of_source])
        for (seq, _, record, recorded_at, hashed, digest), frame in zip(of_source, frames, strict=True):
            told = (record.key, record.kind, record.occurred_at, recorded_at)
            yield (seq, source, *told, frame, len(record.body), hashed, digest, dictionary_id)
