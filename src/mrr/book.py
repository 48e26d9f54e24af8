"""The facade: a book is one company's directory, each verb stands here once, and only here is the clock read."""

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from mrr import build, customers, explain, ingest, movements, posting, rehearsal, rollforward
from mrr.answers import (
    Customers,
    Definition,
    ImportCounts,
    Measured,
    Movements,
    Quarantined,
    Rollforward,
    TableImport,
    TableRehearsal,
    Triangle,
    Verified,
    governed,
    table_read,
)
from mrr.dates import asked_at, first_day, last_day, seen_at
from mrr.engine import engine
from mrr.errors import BookError, WrongUse
from mrr.frame import Asked
from mrr.ingest import TableAt
from mrr.journal import Journal
from mrr.keeper import JOURNAL, POLICY, SETTINGS, Keeper, verb
from mrr.metrics import asking, catalogue, cohorts
from mrr.period import Grain, micros_of
from mrr.policy import Policy, policy_text
from mrr.providers import native
from mrr.providers.tabular import Usual
from mrr.rehearsal import Rehearsal
from mrr.warehouse import sql


class Book(Keeper):
    """An open book. Verbs take plain words by name, and answer with plain structures; amounts are micros.

    Raises BookError where the book cannot be opened, WrongUse for words that make no sense. Use it as a context
    manager, or close it. Threads may share one.
    """

    @classmethod
    def create(cls, folder: Path, *, policy: Policy) -> Self:
        """Make a book in an empty or new directory. Raises WrongUse if there is one already."""
        if (folder / SETTINGS).exists():
            raise WrongUse(f"{folder} is a book already", remedy="Choose another directory.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            Journal.create(folder / JOURNAL, created_at=0).close()
            (folder / POLICY).write_text(policy_text(policy), encoding="utf-8")
            (folder / SETTINGS).write_text(f'# A book of mrr.\nname = "{folder.resolve().name}"\nformat = 1\n', "utf-8")
        except OSError as error:
            raise BookError(f"{folder}: {error.strerror}", remedy="Choose a directory that can be written.") from error
        return cls(folder)

    # ----- what goes in

    @staticmethod
    def schema() -> str:
        """The JSON Schema of native events, the same for every book."""
        return native.schema()

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
        return rehearsal.rehearse(ledger, self.journal, self.policy, Path(records), source, now_micros())

    def append_bodies(
        self, bodies: Iterable[bytes], *, source: str, observed_at: str | None = None, note: str = ""
    ) -> ImportCounts:
        """Append exact bytes and post them."""
        told = self._seen(observed_at)
        receipts = ingest.append(
            self.journal, source, bodies, now=now_micros, observed_at=told, note=note, progress=self.progress
        )
        spans = [(r.first_seq, r.last_seq) for r in receipts if r.first_seq is not None and r.last_seq is not None]
        counts = self.tally(spans=spans)
        counts["duplicates"] = counts.get("duplicates", 0) + sum(receipt.duplicates for receipt in receipts)
        offered = sum(receipt.offered for receipt in receipts)
        outcomes = {name: counts.get(name, 0) for name in ImportCounts.OUTCOMES}
        return ImportCounts(entries=offered, **outcomes, sources=[source])

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

    @verb
    def build(self) -> Verified:
        """Build the whole ledger anew from the journal."""
        self.rebuild()
        return self._verified()

    # ----- what comes out

    @verb
    def rollforward(
        self,
        *,
        interval: Grain = "month",
        first: str | None = None,
        last: str | None = None,
        as_of: str | None = None,
        by: str | None = None,
        where: Sequence[tuple[str, str]] = (),
    ) -> Rollforward:
        """How opening MRR became closing MRR, period by period."""
        asked = self._asked(interval, first, last, as_of, by, where)
        rows = rollforward.rollforward(self.prepared(), self.policy, asked)
        return Rollforward(self._definition("mrr.ending", asked.as_of), rows)

    def metrics(self) -> list[catalogue.Metric]:
        """Every metric with its governed definition; they are the same for every book."""
        return catalogue.catalogue()

    @verb
    def metric(
        self,
        *,
        name: str,
        interval: Grain = "month",
        first: str | None = None,
        last: str | None = None,
        as_of: str | None = None,
        by: str | None = None,
        where: Sequence[tuple[str, str]] = (),
    ) -> Measured:
        """A metric by period, in total or by group. Raises WrongUse for one that there is not, or not in this form."""
        metric, asked = catalogue.named(name), self._asked(interval, first, last, as_of, by, where)
        rows = asking.ask(self.prepared(), self.policy, asked, metric)
        return Measured(governed(self._definition(name, asked.as_of), metric, self.policy), rows)

    @verb
    def cohort(
        self,
        *,
        of: str = "logo",
        interval: Grain = "month",
        first: str | None = None,
        last: str | None = None,
        as_of: str | None = None,
        by: str | None = None,
        where: Sequence[tuple[str, str]] = (),
    ) -> Triangle:
        """What became of those who joined together, `of` logo or revenue; cohorts by period, or by an attribute."""
        metric, asked = catalogue.named(f"cohort.{of}"), self._asked(interval, first, last, as_of, by, where)
        rows = cohorts.cohorts(self.prepared(), self.policy, asked, metric)
        return Triangle(governed(self._definition(metric.name, asked.as_of), metric, self.policy), rows)

    @verb
    def movements(
        self,
        *,
        first: str | None = None,
        last: str | None = None,
        as_of: str | None = None,
        customer: str | None = None,
        kind: str | None = None,
    ) -> Movements:
        """All movements, or those of some days, one customer, one class."""
        moment = self._moment(as_of)
        wanted = movements.Wanted(moment, first_day(first), last_day(last), customer, kind)
        rows = movements.movements(self.prepared(), wanted)
        return Movements(self._definition("mrr.movements", moment), rows)

    @verb
    def customers(
        self, *, as_of: str | None = None, customer: str | None = None, state: str | None = None
    ) -> Customers:
        """Every customer with its state and MRR, the largest first."""
        moment = self._moment(as_of)
        rows = customers.customers(self.prepared(), moment, customer, state)
        return Customers(self._definition("mrr.ending", moment), rows)

    @verb
    def explain(self, *, movement_id: str, as_of: str | None = None) -> explain.Explanation:
        """One movement, down to the entries behind it. A prefix of its id will do where it is unique."""
        moment, warehouse = self._moment(as_of), self.prepared()
        matches = warehouse.rows(
            "SELECT movement_id FROM ledger.movement WHERE starts_with(movement_id, ?)", [movement_id]
        )
        exact = matches[0][0] if len(matches) == 1 else movement_id
        found = movements.movements(warehouse, movements.Wanted(moment, movement_id=exact))
        if not found:
            raise WrongUse(f"no movement {movement_id!r}", remedy="`mrr movements --json` lists their ids.")
        return explain.explain(warehouse, self.policy, found[0], moment)

    @verb
    def quarantine(self) -> list[Quarantined]:
        """Entries that no fact came of, or that contradict others: why, and where in the body."""
        rows = self.ledger().dicts("""SELECT seq, source, key, kind, recorded_at, outcome, reason FROM outcome
            WHERE outcome IN ('quarantined', 'conflict', 'key_reused') ORDER BY seq""")
        return [Quarantined(**row) for row in rows]

    @verb
    def verify(self) -> Verified:
        """Recompute the chain of the journal, count the outcomes, and give the ledger's digest."""
        return self._verified()

    @verb
    def names(self) -> dict[str, str]:
        """What the catalogue calls its products, by id; a product without a name is left out."""
        rows = self.ledger().rows("""SELECT product_id, name FROM product WHERE name IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY product_id ORDER BY effective_at DESC, digest) = 1""")
        return {product.partition("/")[2]: name for product, name in rows}

    @verb
    def definition(self, *, as_of: str | None = None) -> Definition:
        """What the figures of this book mean, and on what they rest."""
        self.ledger()
        return self._definition("mrr.ending", self._moment(as_of))

    # ----- how it is answered

    def _verified(self) -> Verified:
        checked = self.journal.verify()
        totals = self.journal.receipts_summary()
        if not checked.ok:
            return Verified(checked.entries, "broken", checked.first_broken_seq, None, reason=checked.reason)
        warehouse = self.ledger()
        build.audit(warehouse)
        counted = warehouse.rows("SELECT outcome, count(*) FROM outcome GROUP BY outcome ORDER BY outcome")
        outcomes: dict[str, int] = dict(counted)
        mark = posting.watermark(warehouse)
        assert mark is not None
        return Verified(
            entries=checked.entries,
            chain="ok",
            first_broken_seq=None,
            ledger_digest=posting.ledger_digest(warehouse),
            offered=totals.offered,
            duplicates=totals.duplicates,
            outcomes=outcomes,
            watermark=mark._asdict(),
            adds_up=sum(outcomes.values()) == checked.entries and totals.appended == checked.entries,
        )

    def _offered(self, path: str, source: str, base: str) -> tuple[str, Iterable[bytes]]:
        """The source of a file, its provider recognised where it is not named, and its bodies."""
        ingest.exists(path)
        provider, _, account = source.partition(":")
        if provider:
            return source, ingest.rate_bodies(path, base) if provider == "rates" else ingest.bodies(path, source)
        provider, bodies = ingest.recognised(path)
        return f"{provider}:{account}" if account else provider, bodies

    def _seen(self, observed_at: str | None) -> int | None:
        return None if observed_at is None else micros_of(seen_at(observed_at, self.policy["timezone"]))

    def _usual(self) -> Usual:
        return Usual(self.policy["currency"], self.policy["timezone"])

    def _asked(
        self,
        interval: Grain,
        first: str | None,
        last: str | None,
        as_of: str | None,
        by: str | None,
        where: Sequence[tuple[str, str]],
    ) -> Asked:
        """A report's frame, out of plain words."""
        filters = tuple((key, value) for key, value in where)
        return Asked(interval, self._moment(as_of), first_day(first), last_day(last), by, filters)

    def _moment(self, as_of: str | None) -> datetime:
        return asked_at(as_of, self.policy["timezone"]) if as_of else now()

    def _definition(self, metric: str, as_of: datetime) -> Definition:
        head = self.journal.head()
        warehouse = self.prepared()
        (pending,) = warehouse.one(
            "SELECT count(DISTINCT (subscription_id, item_id)) FROM ledger.pending WHERE starts_at < ?", [as_of]
        )
        return Definition(
            metric=metric,
            policy=self.policy.name,
            policy_hash=self.policy.hash,
            engine=engine(),
            currency=self.policy["currency"],
            timezone=self.policy["timezone"],
            as_of=as_of,
            known_at_seq=head.seq,
            pending_items=pending,
            ledger_digest=posting.ledger_digest(warehouse),
            stale_rates=[name for (name,) in warehouse.rows(sql("reports/stale_rates"), {"as_of": as_of})],
        )


def now() -> datetime:
    """The present, as a naive UTC instant."""
    return datetime.now(UTC).replace(tzinfo=None)


def now_micros() -> int:
    """The present in µs since the epoch."""
    return time.time_ns() // 1000
