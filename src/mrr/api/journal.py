"""What the book was told: imports, entries and what became of them, the quarantine, the proof that all is there."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import Path, Query
from pydantic import Field

from mrr.answers import ImportCounts, Quarantined, TableRead, Verified
from mrr.api.known import BookIs
from mrr.api.listed import Listed
from mrr.api.routes import Routes
from mrr.api.uploads import Uploaded
from mrr.api.words import SEQ_MOST, CustomerIs, First, Last, Said, Seq
from mrr.book.afar import foreign
from mrr.book.taking import source_of
from mrr.derivation.rehearsal import Rehearsal
from mrr.lookups.filed import Found, Opened, Retried
from mrr.period import instant

router = Routes("Journal")

SourceIs = Annotated[
    str, Query(max_length=100, description="`PROVIDER` or `PROVIDER:ACCOUNT`; else the file tells.", examples=["rates"])
]
ObservedAt = Annotated[
    str | None, Query(description="When bare objects or tables were seen to be so.", examples=["2025-03-31"])
]
Base = Annotated[str, Query(pattern="^[A-Z]{3}$", description="Of rates: the currency of the values.")]
EntryIs = Annotated[int, Path(ge=1, le=SEQ_MOST, description="The number of an entry.", examples=[1])]
Before = Annotated[int | None, Query(ge=1, le=SEQ_MOST, description="What stands before this number.")]
AtMost = Annotated[int, Query(ge=1, le=1_000, description="At most so many rows.")]


class Imported(msgspec.Struct):
    """What became of a file, and of a table how it was read."""

    counts: ImportCounts
    read: TableRead | None = None


class Rehearsed(msgspec.Struct):
    """What a file would change; `refused` where unreadable rows would stop it. Nothing of it is kept."""

    change: Rehearsal
    read: TableRead | None = None
    refused: bool = False


class Quarantine(Listed):
    """Entries that no fact came of, or that contradict others."""

    rows: list[Quarantined]


class Batch(msgspec.Struct):
    """What was offered together: offered = appended + duplicates; `note` says where it came from."""

    receipt_id: int
    recorded_at: datetime
    source: str
    note: str
    offered: int
    appended: int
    duplicates: int


class Receipts(Listed):
    """What was offered, batch by batch."""

    rows: list[Batch]


class Again(Said):
    """Entries of the quarantine; all of it where none is named."""

    entries: Annotated[list[Seq], Field(max_length=10_000)] = []


class NativeSchema(msgspec.Struct):
    """The JSON Schema of native events."""

    schema: dict[str, Any]


def _source(upload: Uploaded, source: str) -> str:
    kind, _, account = foreign(source).partition(":")
    return source_of(upload.path.name, kind, account, mapped=upload.mapping is not None)


@router.tell("/imports", "operate", upload=True)
def import_file(
    book: BookIs, upload: Uploaded, source: SourceIs = "", base: Base = "USD", observed_at: ObservedAt = None
) -> Imported:
    """Append a file to the journal and post it. What is known already counts as a duplicate."""
    name = _source(upload, source)
    if name.startswith("tabular"):
        found = book.append_table(**upload.words, source=name, observed_at=observed_at)
        return Imported(found.counts, found.read)
    return Imported(book.append(str(upload.path), source=name, base=base, observed_at=observed_at))


@router.tell("/imports/rehearsal", "operate", upload=True)
def rehearse(
    book: BookIs, upload: Uploaded, source: SourceIs = "", base: Base = "USD", observed_at: ObservedAt = None
) -> Rehearsed:
    """What importing a file would change."""
    name = _source(upload, source)
    if name.startswith("tabular"):
        found = book.rehearse_table(**upload.words, source=name, observed_at=observed_at)
        return Rehearsed(found.change, found.read, found.refused)
    return Rehearsed(book.rehearse(str(upload.path), source=name, base=base, observed_at=observed_at))


@router.tell("/imports/ecb", "operate")
def import_ecb(book: BookIs) -> Imported:
    """Append the reference rates that ship with mrr."""
    return Imported(book.append("ecb", source="rates:ecb"))


@router.ask("/schema")
def schema(book: BookIs) -> NativeSchema:
    """What a native event looks like."""
    return NativeSchema(msgspec.json.decode(book.schema()))


@router.ask("/entries", "support")
def entries(
    book: BookIs,
    text: Annotated[str | None, Query(max_length=200, description="Part of the key, or of what it tells of.")] = None,
    source: Annotated[str | None, Query(examples=["native"])] = None,
    kind: Annotated[str | None, Query(examples=["subscription"])] = None,
    customer: CustomerIs = None,
    outcome: Annotated[str | None, Query(examples=["decoded", "quarantined"])] = None,
    first: First = None,
    last: Last = None,
    before: Before = None,
    limit: AtMost = 100,
) -> Found:
    """The newest entries that fit; `before` of the answer asks for the next page."""
    asked = {"text": text, "source": source, "kind": kind, "customer": customer, "outcome": outcome}
    return book.entries(**asked, first=first, last=last, before=before, limit=limit)


@router.ask("/entries/{seq}", "support")
def entry(book: BookIs, seq: EntryIs) -> Opened:
    """One entry: exactly what was told, and what became of it."""
    return book.entry(seq=seq)


@router.ask("/quarantine", "support", pages=True)
def quarantine(book: BookIs) -> Quarantine:
    """Entries that need a person's eye: why, and where in the body."""
    return Quarantine(book.quarantine())


@router.tell("/quarantine/retry", "operate")
def retry(book: BookIs, said: Again) -> Retried:
    """Read the quarantine once more; what can be read now is posted."""
    return book.retry(entries=said.entries)


@router.ask("/receipts", "support")
def receipts(book: BookIs, before: Before = None, limit: AtMost = 100) -> Receipts:
    """What was offered to the journal, the latest first."""
    found = book.receipts(before=before, limit=limit)
    names = ("source", "note", "offered", "appended", "duplicates")
    return Receipts(
        [Batch(one.receipt_id, instant(one.recorded_at), *(getattr(one, name) for name in names)) for one in found]
    )


@router.ask("/verify")
def verify(book: BookIs) -> Verified:
    """Recompute the chain of the journal, count the outcomes, and give the ledger's digest."""
    return book.verify()


@router.tell("/build", "operate")
def build(book: BookIs) -> Verified:
    """Build the whole ledger anew from the journal."""
    return book.build()
