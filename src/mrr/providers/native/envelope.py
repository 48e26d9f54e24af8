"""Telling bodies apart: plain facts, and facts in an envelope of CloudEvents 1.0; what the journal files them under."""

import hashlib
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

import mrr.providers.native.reading as reading
import mrr.providers.native.reasons as reasons
import mrr.providers.native.shapes as shapes
from mrr.errors import DecodeError, ImportFileError
from mrr.providers.reasons import reason_of, trimmed
from mrr.providers.stamp import Stamp

_JSON = re.compile(r"[^;]*[/+]json *(;.*)?")
_READING = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


class Envelope(msgspec.Struct, gc=False):
    """The attributes of a CloudEvent that are read (structured mode); others are kept in the journal and ignored."""

    specversion: Annotated[Literal["1.0"], Meta(description="the version 1.0 of CloudEvents")]
    id: shapes.Text
    source: shapes.Text
    type: shapes.Text
    time: shapes.Instant | None = None
    datacontenttype: shapes.Text | None = None
    content: Raw = msgspec.field(name="data", default=Raw(b"null"))


class Opening(msgspec.Struct, gc=False):
    """What a body says of itself, of whatever type; `specversion` marks an envelope."""

    fact: Any = None
    key: Any = None
    effective_at: Any = None
    specversion: Any | UnsetType = UNSET
    id: Any = None
    source: Any = None
    type: Any = None
    time: Any = None


class Opened(NamedTuple):
    """The fact of a body, the instant of its envelope, and the place of the fact in the body."""

    told: shapes.Fact
    time: int | None
    place: str


_opening = msgspec.json.Decoder(Opening)
_array = msgspec.json.Decoder(list[Raw])
_envelope = msgspec.json.Decoder(Envelope)
_fact: msgspec.json.Decoder[Any] = msgspec.json.Decoder(shapes.ANY)


def split(text: bytes) -> Iterator[bytes]:
    """The exact bytes of each body: of a JSON array (facts, a batch of CloudEvents), of one document, or one a line."""
    document = trimmed(text)
    if document.startswith(b"["):
        try:
            yield from map(bytes, _array.decode(document))
        except _READING as error:
            reason = reason_of(error, text).reason
            remedy = "Nothing of it was imported. Write one fact a line (JSONL)."
            raise ImportFileError(f"the list cannot be taken apart: {reason}", remedy=remedy) from None
    elif _read(document) is not None:
        yield document
    else:
        yield from (line for line in text.splitlines() if line.strip())


def recognises(body: bytes) -> bool:
    """Whether a body is a native fact or a CloudEvent."""
    opening = _read(body)
    return opening is not None and (isinstance(opening.fact, str) or opening.specversion is not UNSET)


def stamp(body: bytes, observed_at: int | None) -> Stamp:
    """What the journal files a body under: a fact's `key`, or the id and source of its envelope; else its digest.

    Never raises: what cannot be read is filed under its digest, kind `unreadable`.
    """
    opening = _read(body)
    if opening is None:
        return Stamp(_digest(body), "unreadable", observed_at)
    if opening.specversion is not UNSET:
        # Sources count their ids for themselves. The id comes first, because a key may be cut at its end.
        key, kind, at = f"{opening.id} {opening.source}", opening.type, opening.time
    else:
        key, kind, at = opening.key or _digest(body), opening.fact, opening.effective_at
    if not isinstance(key, str) or not isinstance(kind, str):
        return Stamp(_digest(body), "unreadable", observed_at)
    try:
        return Stamp(key, kind, reading.instant(at, "") if isinstance(at, str) else observed_at)
    except DecodeError:
        return Stamp(key, kind, observed_at)


def _read(body: bytes) -> Opening | None:
    try:
        return _opening.decode(trimmed(body))
    except _READING:
        return None


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def opened(body: bytes) -> Opened:
    """The fact of a body, plain or in an envelope. DecodeError names the field."""
    document = trimmed(body)
    # Looking for the word is much cheaper than reading; only where it occurs is it worth a second look.
    if b'"specversion"' in document and (opening := _read(document)) and opening.specversion is not UNSET:
        return _unwrapped(document)
    return Opened(_told(document), None, "")


def _told(document: bytes | Raw) -> shapes.Fact:
    try:
        told: shapes.Fact = _fact.decode(document)
    except _READING as error:
        raise reasons.reason_of(error, bytes(document)) from None
    return told


def _unwrapped(document: bytes) -> Opened:
    try:
        envelope = _envelope.decode(document)
    except _READING as error:
        raise reasons.reason_of(error, document, Envelope) from None
    if envelope.datacontenttype is not None and not _JSON.fullmatch(envelope.datacontenttype):
        raise DecodeError("datacontenttype", f"expected application/json, got {envelope.datacontenttype[:60]!r}")
    time = reading.instant(envelope.time, "time")
    try:
        told = _told(envelope.content)
    except DecodeError as error:
        raise reading.inside("data", error) from None
    name = str(told.__struct_config__.tag)
    if envelope.type.rpartition(".")[2] != name:
        raise DecodeError("type", f"expected a type that ends in {name!r} as data.fact says, got {envelope.type!r}")
    return Opened(told, time, "data")
