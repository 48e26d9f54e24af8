"""Verbs that take in: imports, tables, rehearsals."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import mrr.book.clock as clock
from mrr.answers import ImportCounts, TableImport, TableRehearsal, table_read
from mrr.book.desk import Desk
from mrr.derivation import ingest, posting, rehearsal
from mrr.derivation.ingest import TableAt
from mrr.derivation.rehearsal import Rehearsal
from mrr.keeper import verb

# What a table is called.
TABLES = (".csv", ".tsv", ".parquet", ".csv.gz", ".tsv.gz")


def source_of(name: str, kind: str | None, account: str | None, *, mapped: bool) -> str:
    """The source of a file by its name and what is said of it; empty where its first body has to tell."""
    kind = kind or ("tabular" if mapped or name.lower().endswith(TABLES) else "")
    return f"{kind}:{account}" if account else kind


class Taking(Desk):
    """What goes into a book."""

    def append(self, path: str, *, source: str = "", base: str = "USD", observed_at: str | None = None) -> ImportCounts:
        """Import a file (`-`: standard input; `ecb` with source rates) and post it. Counts every body offered.

        A source is `provider` or `provider:account`; a provider left out is recognised by the first body of the file.
        """
        source, bodies = self._offered(path, source, base)
        return self.append_bodies(bodies, source=source, observed_at=observed_at, note=Path(path).name)

    def append_table(
        self,
        path: str = "-",
        *,
        query: str | None = None,
        database: str | None = None,
        mapping: str | None = None,
        source: str = "tabular",
        observed_at: str | None = None,
    ) -> TableImport:
        """Import a table and post it: all of it, or nothing where a row cannot be read.

        It is a file (`-`: standard input) or the rows of a query of a database; `mapping` is a file in TOML.
        """
        at = TableAt(path, query, database, mapping)
        with ingest.table(at, self._usual()) as offered:
            counts = self.append_bodies(offered.bodies(), source=source, observed_at=observed_at, note=at.name)
            return TableImport(table_read(at.name, offered), counts)

    def rehearse_table(
        self,
        path: str = "-",
        *,
        query: str | None = None,
        database: str | None = None,
        mapping: str | None = None,
        source: str = "tabular",
        observed_at: str | None = None,
    ) -> TableRehearsal:
        """What `append_table` would change. Nothing of it is kept, also not in the journal."""
        at = TableAt(path, query, database, mapping)
        with ingest.table(at, self._usual(), lenient=True) as offered:
            change = self.rehearse_bodies(offered.bodies(), source=source, observed_at=observed_at)
            refused = offered.counts["unreadable"] > 0 and offered.mapping.unreadable == "refuse"
            return TableRehearsal(table_read(at.name, offered), change, refused)

    def rehearse(self, path: str, *, source: str = "", base: str = "USD", observed_at: str | None = None) -> Rehearsal:
        """What `append` would change."""
        source, bodies = self._offered(path, source, base)
        return self.rehearse_bodies(bodies, source=source, observed_at=observed_at)

    def rehearse_bodies(self, bodies: Iterable[bytes], *, source: str, observed_at: str | None = None) -> Rehearsal:
        """What `append_bodies` would change."""
        with TemporaryDirectory(prefix="mrr-") as folder:
            records = Path(folder) / "records"
            rehearsal.keep(ingest.records(source, bodies, self._seen(observed_at)), records)
            return self.rehearsed(records=str(records), source=source)

    @verb
    def rehearsed(self, *, records: str, source: str) -> Rehearsal:
        """What the records of a file would change."""
        ledger = self.ledger()
        return rehearsal.rehearse(ledger, self.journal, self.policy, Path(records), source, clock.now_micros())

    def append_bodies(
        self, bodies: Iterable[bytes], *, source: str, observed_at: str | None = None, note: str = ""
    ) -> ImportCounts:
        """Append exact bytes and post them."""
        told = self._seen(observed_at)
        receipts = ingest.append(
            self.journal, source, bodies, now=clock.now_micros, observed_at=told, note=note, progress=self.progress
        )
        spans = [(r.first_seq, r.last_seq) for r in receipts if r.first_seq is not None and r.last_seq is not None]
        counts = self.tally(spans=spans)
        counts["duplicates"] = counts.get("duplicates", 0) + sum(receipt.duplicates for receipt in receipts)
        offered = sum(receipt.offered for receipt in receipts)
        outcomes = {name: counts.get(name, 0) for name in ImportCounts.OUTCOMES}
        return ImportCounts(entries=offered, **outcomes, sources=[source])

    def keep(self, bodies: Iterable[bytes], *, source: str, note: str = "") -> None:
        """Append exact bytes and leave it to others to post them; they are on disk when this returns."""
        ingest.append(self.journal, source, bodies, now=clock.now_micros, note=note)

    @verb
    def catch_up(self) -> tuple[int, int]:
        """Post what the journal holds; up to which entry, and when that was recorded (µs since the epoch)."""
        mark = posting.watermark(self.ledger())
        assert mark is not None
        return mark.seq, self.journal.entry(mark.seq).recorded_at if mark.seq else 0

    @verb
    def tally(self, *, spans: Sequence[tuple[int, int]]) -> dict[str, int]:
        """How many entries of these spans of seq had which outcome."""
        counts: dict[str, int] = {}
        for first, last in spans:
            for outcome, count in self.ledger().rows(
                "SELECT outcome, count(*) FROM outcome WHERE seq BETWEEN ? AND ? GROUP BY outcome", [first, last]
            ):
                name = ImportCounts.NAMES.get(str(outcome), str(outcome))
                counts[name] = counts.get(name, 0) + count
        return counts

    def _offered(self, path: str, source: str, base: str) -> tuple[str, Iterable[bytes]]:
        """The source of a file, its provider recognised where it is not named, and its bodies."""
        ingest.exists(path)
        provider, _, account = source.partition(":")
        if provider:
            return source, ingest.rate_bodies(path, base) if provider == "rates" else ingest.bodies(path, source)
        provider, bodies = ingest.recognised(path)
        return f"{provider}:{account}" if account else provider, bodies
