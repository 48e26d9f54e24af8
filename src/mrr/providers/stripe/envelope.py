"""Telling bodies apart: events, bare objects, lists; what the journal files them under."""

import codecs
import hashlib
import re
from collections.abc import Iterator
from typing import Generic, TypeVar

import msgspec
from msgspec import Raw

from mrr.errors import DecodeError, ImportFileError
from mrr.providers.reasons import trimmed
from mrr.providers.stamp import Stamp
from mrr.providers.stripe.reading import ABSENT, micros
from mrr.providers.stripe.reasons import reason_of
from mrr.providers.stripe.shapes import Instant, Shape

Object = TypeVar("Object", bound=Shape)

LISTS = ("list", "search_result")
# Stripe's largest bodies are a few hundred kilobytes; what is beyond this is no single body of Stripe's.
LARGEST = 16 * 1024 * 1024
_WIDE = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OPENING = re.compile(rb'\{\s*"id"\s*:\s*"\w+"\s*,\s*"object"\s*:\s*"(?P<object>[\w.]+)"')
_LIST = re.compile(rb'\{\s*"object"\s*:\s*"(list|search_result)"')
_READING = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


class Change(Shape):
    """`data` of an event."""

    object: Raw = ABSENT
    previous_attributes: Raw = ABSENT


class Event(Shape):
    """An event of a webhook or of the list of events."""

    type: str
    created: Instant
    change: Change = msgspec.field(name="data")
    id: str | None = None
    livemode: bool | None = None


class Changed(Shape, Generic[Object]):
    """`data` of an event whose object is read at once."""

    object: Object
    previous_attributes: Raw = ABSENT


class Whole(Shape, Generic[Object]):
    """An event whose object is read at once, as one of a known kind."""

    type: str
    created: Instant
    change: Changed[Object] = msgspec.field(name="data")
    id: str | None = None
    livemode: bool | None = None


class Kind(Shape):
    """What every object says of itself."""

    object: str | None = None
    id: str | None = None


class Elements(Shape):
    """A list object."""

    object: str | None = None
    elements: Raw = msgspec.field(name="data", default=ABSENT)


_kind = msgspec.json.Decoder(Kind)
_event = msgspec.json.Decoder(Event)
_list = msgspec.json.Decoder(Elements)
_array = msgspec.json.Decoder(list[Raw])


def split(text: bytes) -> Iterator[bytes]:
    """The exact bytes of each body in a JSON array, a list object, an array of list objects, or a single document.

    Raises ImportFileError where an array or list cannot be taken apart; a single bad document is left to `decode`.
    """
    document = trimmed(text)
    if not document.startswith(b"["):
        yield from _elements(document, text)
        return
    for element in _taken_apart(document, text):
        yield from _elements(element, element)


def _elements(document: bytes, text: bytes) -> Iterator[bytes]:
    try:
        found = _list.decode(document)
    except _READING as error:
        if _LIST.match(document):
            raise _unsplit(error, text) from None
        found = Elements()
    if found.object not in LISTS:
        yield document
    elif not bytes(found.elements).startswith(b"["):
        raise ImportFileError("data: expected an array in a list object", remedy="Export the list again.")
    else:
        yield from _taken_apart(bytes(found.elements), text)


def _taken_apart(array: bytes, text: bytes) -> Iterator[bytes]:
    try:
        yield from map(bytes, _array.decode(array))
    except _READING as error:
        raise _unsplit(error, text) from None


def _unsplit(error: Exception, text: bytes) -> ImportFileError:
    remedy = "Nothing of it was imported. Export it again, or give one body a line (JSONL)."
    return ImportFileError(f"the list cannot be taken apart: {reason_of(error, text).reason}", remedy=remedy)


def readable(body: bytes) -> bytes:
    """The body as UTF-8 without a byte-order mark. Raises DecodeError for other encodings and for oversize."""
    if len(body) > LARGEST:
        raise DecodeError("", f"{len(body):,} bytes; a body of Stripe's has at most {LARGEST:,}")
    if body.startswith(_WIDE) or b"\0" in body[:4]:
        raise DecodeError("", "expected UTF-8, got UTF-16 or UTF-32")
    document = trimmed(body)
    if not document.isascii():
        document.decode()
    return document


def kind_of(document: bytes | Raw) -> Kind:
    """The kind and id of a body; reads all of it. Raises a msgspec error where it is no object or not well-formed."""
    return _kind.decode(document)


def opening(document: bytes | Raw) -> str | None:
    """The kind of a body by its first two fields alone, where they are those that Stripe puts first."""
    told = _OPENING.match(document)
    return told["object"].decode() if told else None


def event_of(document: bytes) -> Event:
    """The envelope of an event. Raises a msgspec error where it is none."""
    return _event.decode(document)


def recognises(body: bytes) -> bool:
    """Whether a body is an event, an object or a list: each says so of itself."""
    try:
        document = readable(body)
        return bool(opening(document) or kind_of(document).object)
    except (DecodeError, *_READING):
        return False


def stamp(body: bytes, observed_at: int | None) -> Stamp:
    """What the journal files a body under: an event's id and type; an object's id, when it was observed, its kind.

    An object does not tell its own instant, and the same bytes may be true again later: so the key names it.
    Never raises: what cannot be read is filed under its digest, kind `unreadable`.
    """
    try:
        document = readable(body)
        kind = None if opening(document) == "event" else kind_of(document)
        if kind is None or kind.object == "event":
            event = event_of(document)
            return Stamp(event.id or _digest(body), event.type, micros(event.created))
    except (DecodeError, *_READING):
        return Stamp(_digest(body), "unreadable", observed_at)
    if not kind.object:
        return Stamp(_digest(body), "unreadable", observed_at)
    named = kind.id or _digest(body)
    return Stamp(named if observed_at is None else f"{named}@{observed_at}", kind.object, observed_at)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
