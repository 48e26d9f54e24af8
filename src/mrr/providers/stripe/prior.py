"""The state of an object before an event: its `previous_attributes` restored onto the whole of it."""

from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

S = TypeVar("S", bound=msgspec.Struct)

_BRACE = ord("{")
_object = msgspec.json.Decoder(dict[str, Raw])


def restored(now: S, previous: bytes | Raw) -> S:
    """The object as it was: nested objects merge key by key, lists and everything else are replaced.

    `now` itself where nothing changed that is read. Raises a msgspec error where the old values cannot be read.
    """
    told = _object.decode(previous)
    fields = _fields(type(now))
    was = {}
    for key in told.keys() & fields.keys():
        name, decoder = fields[key]
        current = getattr(now, name)
        merges = isinstance(current, msgspec.Struct) and memoryview(told[key])[0] == _BRACE
        was[name] = restored(current, told[key]) if merges else decoder.decode(told[key])
    return msgspec.structs.replace(now, **was) if was else now


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, tuple[str, msgspec.json.Decoder[Any]]]:
    """Name and decoder of each field, by its key in the JSON."""
    return {field.encode_name: (field.name, msgspec.json.Decoder(field.type)) for field in msgspec.structs.fields(kind)}
