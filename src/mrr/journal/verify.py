"""Recomputing the whole chain, and naming the first entry that is not what was written, and why."""

import struct
from collections.abc import Iterator

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

import mrr.journal.schema as schema
from mrr.journal.chain import body_digest, entry_digest, genesis
from mrr.journal.compress import Dictionaries
from mrr.journal.entry import Verification
from mrr.journal.read import Bodies, StoredRow, rows
from mrr.journal.trouble import JournalDamaged

_PAGE = 1000
_FIRST, _LAST = -(2**63), 2**63 - 1


def verify(connection: Connection, journal_id: str) -> Verification:
    """Check every entry (seq, chain, body), the head row and the sum of the receipts, in one read transaction.

    What it cannot see is a forger who writes the whole rest of the chain anew, with head and receipts; only a head
    digest kept outside the journal shows that. An entry that is marked as erased is taken to be so.
    """
    walk = _Walk(connection, journal_id)
    try:
        for row in _rows(connection):
            reason = walk.step(row)
            if reason:
                return walk.broken(row, reason)
        return walk.end()
    except DBAPIError as error:
        return Verification(walk.seq, False, walk.seq + 1, f"it cannot be read: {error.orig}")


def _rows(connection: Connection) -> Iterator[StoredRow]:
    after = _FIRST
    while True:
        try:
            found = rows(connection, after, _LAST, _PAGE)
        except DBAPIError:
            # Somewhere in this page is what cannot be read; going one by one finds the entry.
            found = rows(connection, after, _LAST, 1)
        if not found:
            return
        yield from found
        after = found[-1].seq


class _Walk:
    """The walk along the chain: `seq` and `digest` are those of the last entry that was found intact."""

    def __init__(self, connection: Connection, journal_id: str) -> None:
        self.connection = connection
        self.bodies = Bodies(connection, Dictionaries())
        self.origin = genesis(journal_id)
        self.seq, self.digest, self.recorded_at = 0, self.origin, None

    def step(self, row: StoredRow) -> str | None:
        """Go on to this entry, or say what is wrong with it."""
        if row.seq < 1:
            return f"an entry {row.seq} was never appended"
        if row.seq != self.seq + 1:
            return f"entry {self.seq + 1} is missing: the next one is {row.seq}"
        if _digest(self.digest, row) != row.digest:
            return self._broken_link(row)
        reason = self._broken_body(row)
        if reason is None:
            self.seq, self.digest, self.recorded_at = row.seq, row.digest, row.recorded_at
        return reason

    def broken(self, row: StoredRow, reason: str) -> Verification:
        """What is said of an entry that is not what was written."""
        body = self._body(row) if row.body is not None else None
        place = min(row.seq, self.seq + 1)
        return Verification(self.seq, False, place, reason, str(row.source), str(row.key), body)

    def end(self) -> Verification:
        """Compare what was found with the head row and the receipts."""
        head = self.connection.execute(select(schema.head)).first()
        appended = self.connection.execute(select(func.coalesce(func.sum(schema.receipt.c.appended), 0))).scalar_one()
        if head is None:
            return self._broken_at(self.seq, "the head row is missing")
        if head.seq > self.seq:
            return self._broken_at(self.seq + 1, f"entries {self.seq + 1} to {head.seq} are missing at the end")
        if head.seq < self.seq:
            return self._broken_at(head.seq + 1, f"the head row ends at {head.seq}, the entries at {self.seq}")
        if head.digest != self.digest or (self.seq and head.recorded_at != self.recorded_at):
            return self._broken_at(self.seq, "the head row was altered: it does not repeat the last entry's")
        if appended != self.seq:
            reason = f"the receipts say that {appended} entries were appended, but there are {self.seq}"
            return self._broken_at(min(appended, self.seq) + 1, reason)
        return Verification(self.seq, True)

    def _broken_at(self, seq: int, reason: str) -> Verification:
        return Verification(self.seq, False, seq, reason)

    def _broken_link(self, row: StoredRow) -> str:
        body = self._body(row)
        if body is not None and _digest(self.digest, row, body=body_digest(body)) == row.digest:
            return "its body_digest was altered"
        place = self._written_as(row)
        if place is not None:
            return f"the order was altered: it was written as entry {place}"
        if self._next_follows(row, _digest(self.digest, row)):
            return "its digest was altered"
        return (
            "its source, key, kind, occurred_at or recorded_at was altered, "
            "or the entry before it was replaced together with its digest"
        )

    def _written_as(self, row: StoredRow) -> int | None:
        """Where in the chain this entry's digest fits, if anywhere: it was moved from there."""
        columns = schema.entry.c
        links = self.connection.execute(select(columns.seq, columns.digest).order_by(columns.seq))
        chain: list[tuple[int, bytes]] = [(0, self.origin), *(tuple(link) for link in links)]
        for seq, digest in chain:
            # If two neighbours were swapped, the predecessor itself stands where this entry belongs.
            for place in (seq, seq + 1):
                if place != row.seq and _digest(digest, row, seq=place) == row.digest:
                    return place
        return None

    def _next_follows(self, row: StoredRow, digest: bytes | None) -> bool:
        following = rows(self.connection, row.seq, row.seq + 1, 1)
        if following:
            return bool(_digest(digest, following[0]) == following[0].digest)
        return bool(self.connection.execute(select(schema.head.c.digest)).scalar() == digest)

    def _broken_body(self, row: StoredRow) -> str | None:
        if row.erased_at is not None:
            return None if row.body is None else "it is marked as erased, but its body is there"
        if row.body is None:
            return "its body is gone, and it was not erased"
        body = self._body(row)
        if body is None:
            return "its body was altered: it cannot be decompressed"
        return None if body_digest(body) == row.body_digest else "its body was altered"

    def _body(self, row: StoredRow) -> bytes | None:
        try:
            return self.bodies.unpack(row.body, row.body_size, row.dictionary_id)
        except JournalDamaged:
            return None


def _digest(
    previous: bytes | None, row: StoredRow, *, seq: int | None = None, body: bytes | None = None
) -> bytes | None:
    """The digest that the row should have; None if a column holds what no entry can."""
    if previous is None:
        return None
    place = row.seq if seq is None else seq
    instants = row.occurred_at, row.recorded_at
    try:
        return entry_digest(previous, place, row.source, row.key, row.kind, *instants, body or row.body_digest)
    except (TypeError, AttributeError, struct.error):
        return None
