"""Entries of the journal as people look for them: searched, opened with what became of them, read once more."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from mrr.answers import Definition
from mrr.derivation import derive
from mrr.errors import WrongUse
from mrr.journal import Entry, Journal
from mrr.period import instant
from mrr.reports.edited import Edited, edited
from mrr.reports.proposing import Told
from mrr.reports.tables import Table
from mrr.warehouse import Warehouse, sql

# How many entries a page of them has, at the most.
PAGE = 1_000
# An edit about an entry may be decided later; what nobody could read is all that another reading can change.
UNREAD = "quarantined"


class Filed(msgspec.Struct):
    """An entry as it is filed, and what became of it; `reason` says why it did not simply count."""

    seq: int
    source: str
    key: str
    kind: str
    recorded_at: datetime
    outcome: str
    reason: str | None


class Found(msgspec.Struct, Table[Filed]):
    """Some of the entries that were looked for, the newest first; `matching` counts all of them.

    `before` is the seq with which the next page is asked for; None where there is no more.
    """

    definition: Definition
    matching: int
    before: int | None
    rows: list[Filed]


class Looked(msgspec.Struct, frozen=True):
    """What is looked for; None for whatever it may be. `text` is part of a key or of the name of what it tells of.

    `recorded_from` is inclusive, `recorded_until` exclusive; `before` is a seq.
    """

    text: str | None = None
    source: str | None = None
    kind: str | None = None
    customer: str | None = None
    outcome: str | None = None
    recorded_from: datetime | None = None
    recorded_until: datetime | None = None
    before: int | None = None


class Moved(msgspec.Struct):
    """A movement in whose window a fact of the entry takes effect. Signed micros."""

    movement_id: str
    on: date
    customer_id: str
    source: str
    class_: str = msgspec.field(name="class")
    amount_micros: int


class Opened(msgspec.Struct):
    """One entry: exactly what was told (`body` as text, what is no UTF-8 escaped), and what became of it.

    `facts` are what it decoded to, as they count now; `edits` those that bear on it; `moved` what began by it.
    """

    filed: Filed
    occurred_at: datetime | None
    body: str
    size: int
    body_digest: str
    digest: str
    erased_at: datetime | None
    facts: list[Told]
    edits: list[Edited]
    moved: list[Moved]


class Retried(msgspec.Struct):
    """Entries of the quarantine that were read once more: which can be read now, and why the others still cannot."""

    tried: int
    read: list[int]
    still: list[Filed]


def find(warehouse: Warehouse, looked: Looked, limit: int) -> tuple[int, list[Filed]]:
    """How many entries fit, and the newest of them. Raises WrongUse for an outcome that there is not."""
    if looked.outcome is not None and looked.outcome not in derive.OUTCOMES:
        raise WrongUse(f"{looked.outcome!r} is no outcome", remedy=f"Outcomes: {', '.join(derive.OUTCOMES)}.")
    asked = msgspec.structs.asdict(looked) | {"limit": min(max(limit, 1), PAGE)}
    rows = warehouse.dicts(sql("reports/entry_found"), asked)
    matching = rows[0]["matching"] if rows else 0
    return matching, [Filed(**{name: row[name] for name in Filed.__struct_fields__}) for row in rows if row["seq"]]


def opened(warehouse: Warehouse, entry: Entry, facts: Sequence[Told]) -> Opened:
    """An entry with what became of it. The connection is prepared."""
    (filed,) = _filed(warehouse, [entry.seq])
    moved = warehouse.dicts(sql("reports/entry_moved"), {"seq": entry.seq, "per_entry": derive.PER_ENTRY})
    return Opened(
        filed=filed,
        occurred_at=None if entry.occurred_at is None else instant(entry.occurred_at),
        body=entry.body.decode("utf-8", "backslashreplace"),
        size=len(entry.body),
        body_digest=entry.body_digest.hex(),
        digest=entry.digest.hex(),
        erased_at=None if entry.erased_at is None else instant(entry.erased_at),
        facts=list(facts),
        edits=[edit for edit in edited(warehouse) if entry.seq in (edit.seq, edit.entry)],
        moved=[_moved(row) for row in moved],
    )


def _moved(row: dict[str, Any]) -> Moved:
    source, _, customer = row["customer_id"].partition("/")
    return Moved(row["movement_id"], row["on_day"], customer, source, row["class"], row["amount_micros"])


def retried(warehouse: Warehouse, journal: Journal, seqs: Sequence[int]) -> Retried:
    """Read entries of the quarantine once more, all of them where none is named; nothing is posted yet.

    Raises WrongUse for an entry that is not in quarantine.
    """
    waiting = [seq for (seq,) in warehouse.rows("SELECT seq FROM outcome WHERE outcome = ? ORDER BY seq", [UNREAD])]
    stranger = next((seq for seq in seqs if seq not in waiting), None)
    if stranger is not None:
        raise WrongUse(f"entry {stranger} is not in quarantine", remedy="`mrr quarantine` lists what is.")
    tried = sorted({*seqs}) or waiting
    outcomes = derive.decoded(journal.entries(tried))["outcome"] if tried else []
    now = {row[0]: row[5] for row in outcomes}
    read = [seq for seq in tried if now[seq] != UNREAD]
    return Retried(len(tried), read, _filed(warehouse, [seq for seq in tried if now[seq] == UNREAD]))


def _filed(warehouse: Warehouse, seqs: Sequence[int]) -> list[Filed]:
    columns = ", ".join(Filed.__struct_fields__)
    query = f"SELECT {columns} FROM outcome WHERE list_contains($seqs, seq) ORDER BY seq"
    return [Filed(**row) for row in warehouse.dicts(query, {"seqs": list(seqs)})]
