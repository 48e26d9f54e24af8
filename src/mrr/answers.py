"""What a book answers with: plain structures, equal in the library, over the socket and as JSON."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec

from mrr.rollforward import Row


class Definition(msgspec.Struct):
    """What a figure means: it goes with every answer. `pending_items` are known but cannot be reckoned yet.

    `stale_rates` are the currencies whose last rate is older than `fx.stale` days (F4).
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
    variant: str = "ending MRR: the sum of all items' monthly-normalised amounts that count at an instant"
    unit: str = "micros: millionths of the currency's major unit"
    status: str = "provisional"


class Rollforward(msgspec.Struct):
    """A roll-forward with its definition."""

    definition: Definition
    rows: list[Row]


class ImportCounts(msgspec.Struct):
    """What became of every body offered; all but `entries` add up to it."""

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
    """What `verify` found. `chain` is ok or broken; `adds_up`: every entry has exactly one outcome."""

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

    @property
    def ok(self) -> bool:
        """Whether the journal is whole and everything adds up."""
        return self.chain == "ok" and self.adds_up
