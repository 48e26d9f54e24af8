"""The digest chain: what is hashed, and in which encoding, so that anyone can recompute it."""

import hashlib
import struct

_INT = struct.Struct(">q")
_LENGTH = struct.Struct(">I")
_ABSENT = b"\x00"
_PRESENT = b"\x01"


def genesis(journal_id: str) -> bytes:
    """The digest before the first entry: SHA-256 of `mrr journal `, then the journal's id, in UTF-8."""
    return hashlib.sha256(b"mrr journal " + journal_id.encode()).digest()


def body_digest(body: bytes) -> bytes:
    """SHA-256 of the exact bytes that came in, before compression."""
    return hashlib.sha256(body).digest()


def entry_digest(
    previous: bytes,
    seq: int,
    source: str,
    key: str,
    kind: str,
    occurred_at: int | None,
    recorded_at: int,
    digest_of_body: bytes,
) -> bytes:
    """SHA-256 over the previous digest and the canonical encoding of this entry; 32 bytes.

    The encoding is, in this order: seq; source, key and kind; occurred_at; recorded_at; the body's digest. An integer
    is 8 bytes, signed, big-endian. A text is its length in bytes (4 bytes, unsigned, big-endian) and its UTF-8.
    `occurred_at` is one byte 0 if absent, else one byte 1 and the integer. The body itself is not part of it, so
    that a body can be erased and the chain still holds.
    """
    occurred = _ABSENT if occurred_at is None else _PRESENT + _INT.pack(occurred_at)
    parts = (previous, _INT.pack(seq), _text(source), _text(key), _text(kind), occurred, _INT.pack(recorded_at))
    return hashlib.sha256(b"".join((*parts, digest_of_body))).digest()


def _text(value: str) -> bytes:
    encoded = value.encode()
    return _LENGTH.pack(len(encoded)) + encoded
