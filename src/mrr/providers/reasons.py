"""Why a body cannot be read: msgspec's errors as the path of a field, the reason and the value found there."""

import codecs
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from mrr.errors import DecodeError

_FIELD = re.compile(r"Object (?P<trouble>missing|contains)( required| unknown) field `(?P<field>.*)`", re.DOTALL)
_EXPECTED = re.compile(r"Expected `(?P<kind>[^`]*)`(?P<bound>.*?)(?:, got `.*`)?", re.DOTALL)
_MALFORMED = re.compile(r"JSON is malformed: (?P<why>.*) \(byte (?P<byte>\d+)\)")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_STEP = re.compile(r"\.?(?P<key>[^.\[\]]+)|\[(?P<index>\d+|\.\.\.)\]")
_SHOWN = 60
_SPACE = b" \t\r\n"

# What was expected in words, from what msgspec says and the path.
Wanted = Callable[[str, str], str]


def trimmed(text: bytes) -> bytes:
    """The document itself, without a UTF-8 byte-order mark and white space around it."""
    return text.removeprefix(codecs.BOM_UTF8).strip(_SPACE)


def wanted(what: str, path: str) -> str:
    """What msgspec expected, in its own words without its marks."""
    told = _EXPECTED.fullmatch(what)
    if told:
        kinds = [kind for kind in told["kind"].split(" | ") if kind != "null"]
        return f"expected {' or '.join(kinds)}{told['bound']}"
    if what.startswith("Invalid enum value"):
        return "expected one of the known values"
    if what.startswith("Invalid decimal"):
        return "expected a decimal number"
    return what[:1].lower() + what[1:]


def reason_of(error: Exception, body: bytes | msgspec.Raw, expected: Wanted = wanted) -> DecodeError:
    """The DecodeError for whatever reading `body`, trimmed, raised; the path starts at the root of `body`."""
    if isinstance(error, msgspec.ValidationError):
        return _mistyped(str(error), trimmed(bytes(body)), expected)
    if isinstance(error, RecursionError):
        return DecodeError("", "nested too deeply")
    if isinstance(error, UnicodeDecodeError):
        return DecodeError("", f"expected UTF-8, got byte 0x{error.object[error.start]:02x}")
    return DecodeError("", _malformed(str(error), bytes(body)))


def _malformed(message: str, body: bytes) -> str:
    told = _MALFORMED.fullmatch(message)
    if told:
        before = len(body) - len(body.removeprefix(codecs.BOM_UTF8).lstrip(_SPACE))
        # The parser counts one byte too many where the document goes on after its end.
        byte = int(told["byte"]) + before - (told["why"] == "trailing characters")
        return f"malformed JSON at byte {byte}: {told['why']}"
    if not body.strip():
        return "empty"
    # The parser says of half a surrogate pair, too, that the document was truncated.
    if _SURROGATE.search(body) and body.rstrip().endswith((b"}", b"]")):
        return "malformed JSON: half a surrogate pair"
    return f"truncated JSON at byte {len(body)}"


def _mistyped(message: str, body: bytes, expected: Wanted) -> DecodeError:
    # The place comes last; a field's name may look like one.
    what, at, path = message.rpartition(" - at `$") if message.endswith("`") else ("", "", "")
    what, path = (what, path[:-1]) if at else (message, "")
    field = _FIELD.fullmatch(what)
    if field:
        reason = "missing" if field["trouble"] == "missing" else f"unknown field, {expected(what, path)}"
        return DecodeError(f"{path}.{field['field']}".lstrip("."), reason)
    named, found = _look_up(path, body)
    return DecodeError(named.lstrip("."), f"{expected(what, path)}, got {found}")


def steps(path: str) -> Iterator[str]:
    """The keys and indices of a path, in order; the keys of a mapping are not told (`...`)."""
    yield from (step["key"] or step["index"] for step in _STEP.finditer(path))


def _look_up(path: str, body: bytes) -> tuple[str, str]:
    # msgspec leaves out the keys of a mapping; the first value that is no string is the one it met.
    try:
        found: Any = msgspec.json.decode(body)
        named = ""
        for step in _STEP.finditer(path):
            key: Any = step["key"]
            if key is None:
                key = int(step["index"]) if step["index"] != "..." else _not_a_string(found)
            named += f"[{key}]" if isinstance(key, int) else f".{key}"
            found = found[key]
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, LookupError, TypeError):
        return path, "something else"
    return named, brief(found)


def _not_a_string(mapping: dict[str, Any]) -> str:
    return next(key for key, value in mapping.items() if not isinstance(value, str))


def brief(value: Any) -> str:
    """A value found in a body, as an error shows it."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
