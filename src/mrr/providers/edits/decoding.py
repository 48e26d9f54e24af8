"""From the body of an edit to its facts, and what the journal files it under."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

import mrr.providers.edits.shapes as shapes
from mrr import facts
from mrr.errors import DecodeError, WrongUse
from mrr.facts import Fact
from mrr.period import micros_of, parse_instant
from mrr.providers.edits.limits import stated
from mrr.providers.reasons import reason_of, trimmed
from mrr.providers.stamp import Stamp

_READING = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)
_any: msgspec.json.Decoder[Any] = msgspec.json.Decoder(shapes.ANY)


def split(text: bytes) -> Iterator[bytes]:
    """One body a line."""
    yield from (line for line in text.splitlines() if line.strip())


def stamp(body: bytes, observed_at: int | None) -> Stamp:
    """Filed under its key, or else its digest, as of when it was said. What cannot be read is kind `unreadable`."""
    digest = hashlib.sha256(body).hexdigest()
    try:
        told = opened(body)
        return Stamp(told.key or digest, str(told.__struct_config__.tag), _instant(told.said_at, "said_at"))
    except DecodeError:
        return Stamp(digest, "unreadable", observed_at)


def opened(body: bytes) -> Any:
    """The edit that a body states. DecodeError names the field."""
    try:
        return _any.decode(trimmed(body))
    except _READING as error:
        raise reason_of(error, trimmed(body)) from None


def decode(body: bytes, observed_at: int) -> Sequence[Fact]:
    """What was said and by whom, then what it makes true. DecodeError names the field."""
    told = opened(body)
    said_at = _instant(told.said_at, "said_at")
    said = {"effective_at": None, "observed_at": said_at, "author": told.author, "reason": told.reason}
    return [*_MEANT[type(told)](told, said)]


def _marked(told: Any, said: dict[str, Any]) -> Iterator[Fact]:
    yield facts.Edit(verb=told.__struct_config__.tag, of=told.customer, **said)


def _merge(told: shapes.Merge, said: dict[str, Any]) -> Iterator[Fact]:
    edit = facts.Edit(verb="merge", of=told.customer, to=told.into, **said)
    yield edit
    yield facts.Merge(effective_at=None, observed_at=edit.observed_at, customer=told.customer, into=told.into)


def _continue(told: shapes.Continue, said: dict[str, Any]) -> Iterator[Fact]:
    at = _instant(told.at, "at")
    edit = facts.Edit(verb="continue", of=told.old, to=told.new, at=at, **said)
    yield edit
    yield facts.Continues(effective_at=at, observed_at=edit.observed_at, old=told.old, new=told.new)


def _correct(told: shapes.Correct, said: dict[str, Any]) -> Iterator[Fact]:
    edit = facts.Edit(verb="correct", entry=told.entry, changes=told.changes, **said)
    yield edit
    for number, fact in enumerate(told.facts):
        stated(fact, f"facts[{number}]")
        yield facts.Restated(effective_at=None, observed_at=edit.observed_at, source=told.source, told=fact)


def _of_entry(told: Any, said: dict[str, Any]) -> Iterator[Fact]:
    yield facts.Edit(verb=told.__struct_config__.tag, entry=told.entry, **said)


_MEANT: Mapping[type, Callable[[Any, dict[str, Any]], Iterator[Fact]]] = {
    shapes.Exclude: _marked,
    shapes.Include: _marked,
    shapes.Merge: _merge,
    shapes.Continue: _continue,
    shapes.Correct: _correct,
    shapes.Decide: _of_entry,
    shapes.Revert: _of_entry,
}


def _instant(text: str, field: str) -> int:
    """An instant in µs; what names no offset is UTC."""
    try:
        moment = parse_instant(text)
    except (WrongUse, OverflowError) as error:
        raise DecodeError(field, f"no instant: {text[:60]!r}") from error
    if not 1970 <= moment.year < 9999:
        raise DecodeError(field, f"expected a year from 1970 to 9998, got {text[:60]!r}")
    return micros_of(moment)
