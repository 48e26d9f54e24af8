"""What a book answers with: plain structures, equal in the library, over the socket and as JSON."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, ClassVar

import msgspec

from mrr.derivation.rehearsal import Rehearsal
from mrr.metrics.asking import Figure
from mrr.metrics.catalogue import Metric
from mrr.metrics.cohorts import Cell
from mrr.policy import Policy
from mrr.policy.schema import REPORT
from mrr.providers.tabular import Offered
from mrr.reports.customers import Customer
from mrr.reports.movements import Movement
from mrr.reports.rollforward import Row
from mrr.reports.tables import Table


class Definition(msgspec.Struct):
    """What a figure means: it goes with every answer. `pending_items` are known but cannot be reckoned yet.

    `stale_rates` are the currencies whose last rate is older than `fx.stale` days (F4). `ledger` are the words that
    name another ledger than the book's own (`ledger_words.named`). `policies_before` are those by which earlier months
    are told, `status` is closed, restated or provisional. From `title` on it is the governed definition of a metric
    (docs/metrics); `report_keys` are the keys that shape this answer and no ledger.
    """

    metric: str
    policy: str
    policy_hash: str
    engine: str
    currency: str
    timezone: str
    as_of: datetime
    known_at_seq: int
    pending_items: int
    ledger_digest: str
    stale_rates: list[str] = []
    ledger: str = "now"
    policies_before: list[str] = []
    variant: str = "ending MRR: the sum of all items' monthly-normalised amounts that count at an instant"
    unit: str = "micros: millionths of the currency's major unit"
    status: str = "provisional"
    title: str = ""
    formula: str = ""
    source: str = ""
    caveats: str = ""
    owner: str = ""
    drift_risk: str = ""
    report_keys: dict[str, Any] = {}


def governed(meant: Definition, metric: Metric, policy: Policy) -> Definition:
    """A definition with what the header of a metric says, and the policy's report keys."""
    same = ("title", "variant", "unit", "formula", "source", "caveats", "owner", "drift_risk")
    keys = {key: value for key, value in policy.values.items() if key.startswith(REPORT)}
    return msgspec.structs.replace(meant, **{name: getattr(metric, name) for name in same}, report_keys=keys)


class Rollforward(msgspec.Struct, Table[Row]):
    """A roll-forward with its definition."""

    definition: Definition
    rows: list[Row]


class LineCause(msgspec.Struct):
    """A cause of a line of a movement. The causes of a movement add up to it."""

    movement_id: str
    on: date
    customer_id: str
    source: str
    class_: str = msgspec.field(name="class")
    subscription_id: str
    item_id: str
    cause: str
    amount_micros: int
    involuntary: bool | None


class Lines(msgspec.Struct, Table[LineCause]):
    """The lines of movements, a row for each cause."""

    definition: Definition
    rows: list[LineCause]


class Movements(msgspec.Struct, Table[Movement]):
    """Movements with their definition. As a table they are without their lines, which are a table of their own."""

    definition: Definition
    rows: list[Movement]

    def lines(self) -> Lines:
        """Why: the lines of all these movements, a row for each cause."""
        return Lines(self.definition, [told for movement in self.rows for told in _lines(movement)])


def _lines(movement: Movement) -> Iterator[LineCause]:
    head = (movement.movement_id, movement.on, movement.customer_id, movement.source, movement.class_)
    for line in movement.lines:
        for cause, amount in line.causes.items():
            yield LineCause(*head, line.subscription_id, line.item_id, cause, amount, line.involuntary)


class Customers(msgspec.Struct, Table[Customer]):
    """Customers with their definition."""

    definition: Definition
    rows: list[Customer]


class Measured(msgspec.Struct, Table[Figure]):
    """A metric by group and period, with its governed definition."""

    definition: Definition
    rows: list[Figure]


class Triangle(msgspec.Struct, Table[Cell]):
    """A cohort triangle, cell by cell, with its governed definition."""

    definition: Definition
    rows: list[Cell]


class ImportCounts(msgspec.Struct):
    """What became of every body offered; the counts but for `entries` add up to it. `sources` are who told them."""

    OUTCOMES: ClassVar[tuple[str, ...]] = (
        "decoded",
        "irrelevant",
        "quarantined",
        "duplicates",
        "key_reused",
        "conflicts",
    )
    NAMES: ClassVar[dict[str, str]] = {"conflict": "conflicts", "duplicate": "duplicates"}

    entries: int
    decoded: int
    irrelevant: int
    quarantined: int
    duplicates: int
    key_reused: int
    conflicts: int
    sources: list[str] = []


class TableRead(msgspec.Struct):
    """How a table was read: as what, by which columns, and what was taken for granted; and what became of its rows."""

    name: str
    table: str
    columns: dict[str, str]
    constants: dict[str, str]
    attributes: dict[str, str]
    assumed: list[str]
    rows: int
    dropped: int
    unreadable: int
    troubles: list[str]


def table_read(name: str, offered: Offered) -> TableRead:
    """How a table on offer was read."""
    reading = offered.reading
    return TableRead(
        name=name,
        table=reading.table,
        columns=reading.columns,
        constants=reading.constants,
        attributes=reading.attributes,
        assumed=list(offered.assumed),
        rows=offered.counts["rows"],
        dropped=offered.counts["dropped"],
        unreadable=offered.counts["unreadable"],
        troubles=[str(trouble) for trouble in offered.troubles],
    )


class TableImport(msgspec.Struct):
    """A table that was imported."""

    read: TableRead
    counts: ImportCounts


class TableRehearsal(msgspec.Struct):
    """What importing a table would change; `refused` if its unreadable rows would stop it."""

    read: TableRead
    change: Rehearsal
    refused: bool


class Quarantined(msgspec.Struct):
    """An entry that needs a person's eye; it stays in the journal whatever becomes of it."""

    seq: int
    source: str
    key: str
    kind: str
    recorded_at: datetime
    outcome: str
    reason: str | None


class Verified(msgspec.Struct):
    """What `verify` found. `chain` is ok or broken; `adds_up`: every entry has exactly one outcome.

    `place` says of a broken entry which close and customers, or which decision, it keeps.
    """

    entries: int
    chain: str
    first_broken_seq: int | None
    ledger_digest: str | None
    offered: int = 0
    duplicates: int = 0
    outcomes: dict[str, int] = {}
    watermark: dict[str, Any] = {}
    adds_up: bool = False
    reason: str | None = None
    place: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the journal is whole and everything adds up."""
        return self.chain == "ok" and self.adds_up
