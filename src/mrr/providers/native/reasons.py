"""Why a native fact cannot be read, in the words of its shape: what was expected at the path, or which fields exist."""

from functools import partial
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

import mrr.providers.native.shapes as shapes
import mrr.providers.reasons as reasons
from mrr.errors import DecodeError


class _Opening(msgspec.Struct):
    """What decides how a fact is read."""

    fact: Any = None
    version: Any = None


def reason_of(error: Exception, document: bytes, root: type[msgspec.Struct] | None = None) -> DecodeError:
    """The DecodeError for whatever reading a document of this shape raised; by default of the fact that it names.

    A body of another version is told as that, whatever else is wrong with it.
    """
    if root is not None:
        return reasons.reason_of(error, document, partial(_wanted, root))
    opening = _opening(document)
    if opening.version not in (None, shapes.VERSION) or isinstance(opening.version, bool):
        told = reasons.brief(opening.version)
        remedy = f"write facts as docs/native.md has them, or upgrade mrr if {told} is a later version"
        return DecodeError("version", f"expected {shapes.VERSION}, got {told}; {remedy}")
    shape = shapes.NAMES.get(opening.fact) if isinstance(opening.fact, str) else None
    return reasons.reason_of(error, document, partial(_wanted, shape))


def _opening(document: bytes) -> _Opening:
    try:
        return msgspec.json.decode(document, type=_Opening)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Opening()


def _wanted(shape: type[msgspec.Struct] | None, what: str, path: str) -> str:
    if shape is None:
        return f"expected one of {', '.join(shapes.NAMES)}" if path == ".fact" else "expected an object"
    kind: Any = shape
    for step in reasons.steps(path):
        kind = _inner(_bare(kind), step)
    if what.startswith("Object contains unknown field"):
        return f"expected one of {', '.join(_bare(kind).__struct_encode_fields__)}"
    return _words(kind)


def _bare(kind: Any) -> Any:
    """A type without its description, and without what stands for its absence."""
    while get_origin(kind) in (Annotated, Union, UnionType):
        kind = get_args(kind)[0]
    return kind


def _inner(kind: Any, step: str) -> Any:
    """The type of a field, or of an element."""
    if get_origin(kind) is None:
        return next(field.type for field in msgspec.structs.fields(kind) if field.encode_name == step)
    return get_args(kind)[int(step) if get_origin(kind) is tuple else 0]


def _words(kind: Any) -> str:
    """What a type expects: its description, its values, or what it is."""
    while get_origin(kind) in (Union, UnionType):
        kind = get_args(kind)[0]
    if get_origin(kind) is Annotated:
        return f"expected {kind.__metadata__[0].description}"
    if get_origin(kind) is Literal:
        return f"expected one of {', '.join(map(str, get_args(kind)))}"
    return "expected a list" if get_origin(kind) is list else "expected an object"
