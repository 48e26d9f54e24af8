"""What an import would change: its bodies posted to a copy of the ledger, which is then thrown away."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

import msgspec

from mrr.derivation import posting
from mrr.derivation.derive import BY_SEQ
from mrr.journal import Entry, Head, Journal, Record
from mrr.period import instant
from mrr.policy import Policy
from mrr.warehouse import Warehouse, sql

_BATCH = 5_000


class ClassChange(msgspec.Struct):
    """How many movements of a class would come and go, and by how much the class would change. Signed micros."""

    class_: str = msgspec.field(name="class")
    added: int
    removed: int
    amount_micros: int


class Rehearsal(msgspec.Struct):
    """What an import would do: the outcomes of its entries, its facts by table, and the change of the ledger."""

    offered: int
    duplicates: int
    outcomes: dict[str, int]
    facts: dict[str, int]
    changes: list[ClassChange]
    mrr_before_micros: int
    mrr_after_micros: int


class Extended(Journal):
    """A journal as it would be with the records of a file more. Nothing of them is kept."""

    def __init__(self, journal: Journal, source: str, records: Path, count: int, recorded_at: int) -> None:
        # Everything that is not overridden here is asked of the journal itself.
        self.__dict__.update(journal.__dict__)
        self.address = None
        self._end = journal.head()
        self._source, self._records, self._count = source, records, count
        self._recorded_at = max(recorded_at, self._end.recorded_at)

    def head(self) -> Head:
        """The end of the chain, further on by the new records; they have no digests."""
        return Head(self._end.seq + self._count, self._end.digest, self._recorded_at)

    def read(self, after: int = 0, until: int | None = None, batch: int = _BATCH) -> Iterator[list[Entry]]:
        """The entries of the journal behind `after`, then all new ones."""
        if after < self._end.seq:
            yield from super().read(after, self._end.seq, batch)
        fresh = (self._new(record, self._end.seq + place) for place, record in enumerate(kept(self._records), start=1))
        while entries := list(islice(fresh, batch)):
            yield entries

    def entry(self, seq: int) -> Entry:
        """An entry of the journal, or a stand-in for a new one."""
        return super().entry(seq) if seq <= self._end.seq else self._new(Record("new", "new", b""), seq)

    def _new(self, record: Record, seq: int) -> Entry:
        head = (seq, self._source, record.key, record.kind, record.occurred_at, self._recorded_at)
        return Entry(*head, record.body, b"", b"")


def keep(records: Iterable[Record], path: Path) -> None:
    """Write records to a file, one a line, for `rehearse`."""
    encoder = msgspec.json.Encoder()
    with path.open("wb") as file:
        file.writelines(encoder.encode(record) + b"\n" for record in records)


def kept(path: Path) -> Iterator[Record]:
    """The records of such a file."""
    decoder = msgspec.json.Decoder(Record)
    with path.open("rb") as file:
        yield from (decoder.decode(line) for line in file)


def rehearse(
    warehouse: Warehouse, journal: Journal, policy: Policy, records: Path, source: str, recorded_at: int
) -> Rehearsal:
    """Post the records of a file to a copy of the warehouse beside it, and tell what differs before `recorded_at`."""
    fresh, copy = records.with_name("fresh"), records.with_name("rehearsal.duckdb")
    offered, new = Counter[str](), Counter[str]()
    keep(_counted(_fresh(warehouse, journal, _counted(kept(records), offered), source), new), fresh)
    _copy(warehouse, copy)
    ahead = Warehouse(copy)
    try:
        ahead.execute("CREATE TABLE before AS FROM ledger.movement")
        posting.post(ahead, Extended(journal, source, fresh, new.total(), recorded_at), policy)
        return _compared(ahead, journal.head().seq, instant(recorded_at), offered.total(), new.total())
    finally:
        ahead.close()


def _counted(records: Iterable[Record], counts: Counter[str]) -> Iterator[Record]:
    for record in records:
        counts[record.kind] += 1
        yield record


def _fresh(warehouse: Warehouse, journal: Journal, records: Iterator[Record], source: str) -> Iterator[Record]:
    """The records that are new: source, key and bytes make an entry the same."""
    query = "SELECT seq FROM outcome WHERE source = $source AND list_contains($keys, key)"
    while batch := list(islice(records, _BATCH)):
        seqs = warehouse.rows(query, {"source": source, "keys": [record.key for record in batch]})
        standing = {(entry.key, entry.body) for entry in journal.entries([seq for (seq,) in seqs])} if seqs else set()
        yield from (record for record in batch if (record.key, record.body) not in standing)


def _copy(warehouse: Warehouse, place: Path) -> None:
    (name,) = warehouse.one("SELECT current_database()")
    warehouse.execute(f"ATTACH '{place}' AS rehearsal")
    try:
        warehouse.execute(f'COPY FROM DATABASE "{name}" TO rehearsal')
    finally:
        warehouse.execute("DETACH rehearsal")


def _compared(ahead: Warehouse, seq: int, as_of: datetime, offered: int, new: int) -> Rehearsal:
    outcomes = ahead.rows("SELECT outcome, count(*) FROM outcome WHERE seq > ? GROUP BY 1 ORDER BY 1", [seq])
    facts = {
        table: ahead.one(f"SELECT count(DISTINCT fact_id) FROM {table} WHERE seq > ?", [seq])[0] for table in BY_SEQ
    }
    changes = ahead.rows(sql("reports/rehearsed"), {"as_of": as_of})
    total = "SELECT CAST(coalesce(sum(amount_micros), 0) AS BIGINT) FROM {} WHERE opens_at < ?"
    return Rehearsal(
        offered=offered,
        duplicates=offered - new,
        outcomes=dict(outcomes),
        facts={table: count for table, count in facts.items() if count},
        changes=[ClassChange(*row) for row in changes],
        mrr_before_micros=ahead.one(total.format("before"), [as_of])[0],
        mrr_after_micros=ahead.one(total.format("ledger.movement"), [as_of])[0],
    )
