"""Why a body cannot be read: msgspec's errors turned into the path of a field, the reason and the value found there."""

import codecs
import re
from typing import Any

import msgspec

from mrr.errors import DecodeError
from mrr.providers.stripe.shapes import LAST_SECOND

_AT = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<field>.*)`")
_EXPECTED = re.compile(r"Expected `(?P<kind>[^`]*)`(?P<bound>.*?)(?:, got `.*`)?", re.DOTALL)
_MALFORMED = re.compile(r"JSON is malformed: (?P<why>.*) \(byte (?P<byte>\d+)\)")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_STEP = re.compile(r"\.?(?P<key>[^.\[\]]+)|\[(?P<index>\d+|\.\.\.)\]")
_SHOWN = 60
_SPACE = b" \t\r\n"


def trimmed(text: bytes) -> bytes:
    """The document itself, without a UTF-8 byte-order mark and white space around it."""
    return text.removeprefix(codecs.BOM_UTF8).strip(_SPACE)


def reason_of(error: Exception, body: bytes | msgspec.Raw) -> DecodeError:
    """The DecodeError for whatever reading `body`, trimmed, raised; the path starts at the root of `body`."""
    if isinstance(error, msgspec.ValidationError):
        return _mistyped(str(error), trimmed(bytes(body)))
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


def _mistyped(message: str, body: bytes) -> DecodeError:
    parts = _AT.fullmatch(message)
    assert parts is not None
    what, path = parts["what"], parts["path"] or ""
    missing = _MISSING.fullmatch(what)
    if missing:
        return DecodeError(f"{path}.{missing['field']}".lstrip("."), "missing")
    path, found = _look_up(path, body)
    return DecodeError(path.lstrip("."), f"{_wanted(what)}, got {found}")


def _wanted(what: str) -> str:
    told = _EXPECTED.fullmatch(what)
    if told and told["bound"] == f" <= {LAST_SECOND}":
        return "expected epoch seconds of the years 1970 to 9998"
    if told:
        kinds = [kind for kind in told["kind"].split(" | ") if kind != "null"]
        return f"expected {' or '.join(kinds)}{told['bound']}"
    if what.startswith("Invalid enum value"):
        return "expected one of the known values"
    if what.startswith("Invalid decimal"):
        return "expected a decimal number"
    return what[:1].lower() + what[1:]


def _look_up(path: str, body: bytes) -> tuple[str, str]:
    # msgspec leaves out the keys of a mapping; the first value that is no string is the one it met.
    try:
        found: Any = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return path, "something else"
    named = ""
    for step in _STEP.finditer(path):
        key: Any = step["key"]
        if key is None:
            key = int(step["index"]) if step["index"] != "..." else _not_a_string(found)
        named += f"[{key}]" if isinstance(key, int) else f".{key}"
        found = found[key]
    return named, _brief(found)


def _not_a_string(mapping: dict[str, Any]) -> str:
    return next(key for key, value in mapping.items() if not isinstance(value, str))


def _brief(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
