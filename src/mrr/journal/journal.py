"""The journal: append once, read a prefix, verify the chain; the only door to what cannot be rebuilt."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, func, select

import mrr.journal.schema as schema
import mrr.journal.store as store
import mrr.journal.trouble as trouble
from mrr.faults import point
from mrr.journal.append import Batch, offer, write
from mrr.journal.compress import Dictionaries, Packer
from mrr.journal.entry import Entry, Head, KeptReceipt, Receipt, ReceiptsSummary, Record, Verification
from mrr.journal.group import GroupCommit
from mrr.journal.read import by_seq, by_source, page, receipts
from mrr.journal.verify import verify

LOCK_TIMEOUT_MS = 10_000


class Journal:
    """One company's append-only record, in an SQLite file (a path) or in PostgreSQL (a URL).

    Safe to share between threads, and several processes may append to one journal. All instants are µs since 1970
    UTC. Every error is a `JournalTrouble` or a `WrongUse` that names the place and the remedy.
    """

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._place = store.label(place)
        # Where another process opens what is read here; None for a journal that is not all there.
        self.address: str | None = place if store.is_url(place) else str(Path(place).absolute())
        self._packer = Packer()
        self._dictionaries = Dictionaries()
        self._group: GroupCommit[Batch, Receipt] = GroupCommit(self._write)
        with store.reading(engine, self._place) as connection:
            self.schema_version = schema.version(connection, self._place)
            self.id: str = connection.execute(select(schema.journal.c.id)).scalar_one()

    @classmethod
    def create(cls, place: str | Path, *, created_at: int, lock_timeout_ms: int = LOCK_TIMEOUT_MS) -> Self:
        """A new, empty journal with a random id. No entry of it will be recorded before `created_at`.

        Errors: a journal, or something else, is there already; the place cannot be written.
        """
        with store.opened(str(place), "rwc", lock_timeout_ms) as engine:
            label = store.label(str(place))
            schema.create(engine, label, secrets.token_hex(16), created_at)
            return cls(engine, str(place))

    @classmethod
    def open(cls, place: str | Path, read_only: bool = False, *, lock_timeout_ms: int = LOCK_TIMEOUT_MS) -> Self:
        """The journal that is there; one of an older schema is migrated, unless opened read-only.

        Errors: there is none, it is no journal, it is of a newer version, or it cannot be opened.
        """
        if not store.is_url(str(place)) and not Path(place).is_file():
            raise trouble.NoJournal(f"{place}: there is no journal here")
        with store.opened(str(place), "ro" if read_only else "rw", lock_timeout_ms) as engine:
            label = store.label(str(place))
            settle = schema.check_current if read_only else schema.migrate
            settle(engine, label)
            return cls(engine, str(place))

    def writing(self) -> AbstractContextManager[Connection]:
        """A write transaction on the store, for the rooms that keep tables of their own beside the entries."""
        return store.writing(self._engine, self._place)

    def reading(self) -> AbstractContextManager[Connection]:
        """A read transaction on the store, which sees a single state of it."""
        return store.reading(self._engine, self._place)

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def append(self, source: str, records: Sequence[Record], recorded_at: int, note: str = "") -> Receipt:
        """Store the records that are new; durable when this returns. `note` says where they came from (a file).

        A record with the same source, key and bytes as an entry is a duplicate: counted, not stored. An instant
        before the head's is raised to the head's. Concurrent calls share one commit. Errors: a record that no
        journal can keep, a full disk, a lock held too long; then nothing of the batch is stored.
        """
        return self._group.submit(offer(source, records, recorded_at, note))

    def _write(self, batches: Sequence[Batch]) -> list[Receipt]:
        try:
            with store.writing(self._engine, self._place) as connection:
                receipts = write(connection, self._packer, batches)
                point("before append commit")
        except BaseException:
            self._packer.forget()
            raise
        point("after append")
        return receipts

    def head(self) -> Head:
        """The end of the chain; of an empty journal seq 0, the genesis digest and the instant of its creation."""
        with store.reading(self._engine, self._place) as connection:
            row = connection.execute(select(schema.head)).one()
        return Head(row.seq, row.digest, row.recorded_at)

    def read(self, after: int = 0, until: int | None = None, batch: int = 5000) -> Iterator[list[Entry]]:
        """The entries with after < seq <= until in the order of seq, in lists of at most `batch`.

        Without `until` it goes up to what is the head when reading begins. Each list is a query of its own, so a slow
        reader holds nothing open. Errors: an entry is missing or unreadable.
        """
        end = self.head().seq
        end = end if until is None else min(until, end)
        while after < end:
            with store.reading(self._engine, self._place) as connection:
                found = page(connection, self._dictionaries, after, end, batch)
            yield found
            after = found[-1].seq

    def entry(self, seq: int) -> Entry:
        """The entry with this seq. Errors: there is none."""
        return self.entries([seq])[0]

    def entries(self, seqs: Sequence[int]) -> list[Entry]:
        """The entries with these seqs, in the order asked for. Errors: one of them does not exist."""
        with store.reading(self._engine, self._place) as connection:
            found = by_seq(connection, self._dictionaries, seqs)
        absent = next((seq for seq in seqs if seq not in found), None)
        if absent is not None:
            raise trouble.NoSuchEntry(f"{self._place}: the journal has no entry {absent}")
        return [found[seq] for seq in seqs]

    def told_by(
        self, source: str, kinds: Sequence[str], after: int = 0, keys: Sequence[str] | None = None
    ) -> list[Entry]:
        """The entries of a source with seq > after, of these kinds and keys (None: of any), in the order of seq."""
        with store.reading(self._engine, self._place) as connection:
            return by_source(connection, self._dictionaries, source, kinds, after, keys)

    def seq_at(self, instant: int) -> int | None:
        """The last seq recorded strictly before the instant; None if the journal had nothing yet (unknown, not 0)."""
        columns = schema.entry.c
        latest = columns.recorded_at.desc(), columns.seq.desc()
        query = select(columns.seq).where(columns.recorded_at < instant).order_by(*latest).limit(1)
        with store.reading(self._engine, self._place) as connection:
            return connection.execute(query).scalar()

    def receipts_summary(self) -> ReceiptsSummary:
        """What was ever offered, appended and a duplicate, in total."""
        columns = schema.receipt.c
        counts = columns.offered, columns.appended, columns.duplicates
        sums = (func.coalesce(func.sum(count), 0) for count in counts)
        with store.reading(self._engine, self._place) as connection:
            return ReceiptsSummary(*(int(total) for total in connection.execute(select(*sums)).one()))

    def receipts(self, before: int | None, limit: int) -> list[KeptReceipt]:
        """The latest receipts, those before a number where one is given."""
        with store.reading(self._engine, self._place) as connection:
            return receipts(connection, before, limit)

    def verify(self) -> Verification:
        """Recompute every digest; says which entry is the first broken one, and what is wrong with it."""
        with store.reading(self._engine, self._place) as connection:
            return verify(connection, self.id)
