"""The words of the journal: what is offered, what is kept, and what is answered."""

import msgspec


class Record(msgspec.Struct, frozen=True, gc=False):
    """What a source offers: its own key and kind, the exact bytes, and its clock (µs since 1970 UTC) if it gave one."""

    key: str
    kind: str
    body: bytes
    occurred_at: int | None = None


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A record that the journal keeps. Instants are µs since 1970 UTC.

    The body of an erased entry (`erased_at` is set) is empty; `body_digest` still says what it was.
    """

    seq: int
    source: str
    key: str
    kind: str
    occurred_at: int | None
    recorded_at: int
    body: bytes
    body_digest: bytes
    digest: bytes
    erased_at: int | None = None


class Receipt(msgspec.Struct, frozen=True):
    """The answer to one batch: offered = appended + duplicates.

    `first_seq` and `last_seq` span the appended entries (None if there are none). `seqs` names, for each record in
    the order offered, the entry that holds it: a new one, or for a duplicate the one that already stood.
    """

    offered: int
    appended: int
    duplicates: int
    first_seq: int | None
    last_seq: int | None
    seqs: tuple[int, ...]


class KeptReceipt(msgspec.Struct, frozen=True):
    """A receipt as the journal keeps it, by its number: when, of which source, where it came from, and the counts."""

    receipt_id: int
    recorded_at: int
    source: str
    note: str
    offered: int
    appended: int
    duplicates: int


class Head(msgspec.Struct, frozen=True):
    """The end of the chain: the last entry's seq (0 if none), its digest, and when it was recorded."""

    seq: int
    digest: bytes
    recorded_at: int


class ReceiptsSummary(msgspec.Struct, frozen=True):
    """All receipts of the journal added up: offered = appended + duplicates."""

    offered: int
    appended: int
    duplicates: int


class Verification(msgspec.Struct, frozen=True):
    """The outcome of reading the whole journal: how many entries are intact, and where and how it first breaks.

    Of an entry that broke also its source and key, and its body as far as that can still be read.
    """

    entries: int
    ok: bool
    first_broken_seq: int | None = None
    reason: str | None = None
    source: str | None = None
    key: str | None = None
    body: bytes | None = None
