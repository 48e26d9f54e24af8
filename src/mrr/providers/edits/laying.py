"""A fact as paths with values, and the fact that comes of other values: `items.0.quantity=3`, `status=active`."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from mrr.errors import DecodeError, WrongUse
from mrr.facts import Fact, Part, exact
from mrr.period import instant, micros_of, parse_instant
from mrr.providers.edits.limits import stated

F = TypeVar("F", bound=Fact)
_json = msgspec.json.Decoder(float_hook=Decimal)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d.*")
_AMOUNTS = {"unit_amount", "flat_amount", "amount", "percent", "total", "paid", "discount_amount", "tax_amount"}
# What a person does not state of a fact: how it was learned, and its place among those of one instant.
_NOT_STATED = ("observed_at", "prior", "change")


def paths(fact: Fact) -> dict[str, str]:
    """Every value of a fact as text, by its path; what is left out is `null`, an empty list `[]`."""
    return dict(_paths(_plain(fact), ""))


def _paths(tree: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(tree, (dict, list)) and tree:
        for name, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            if name not in _NOT_STATED:
                yield from _paths(value, f"{place}.{name}".lstrip("."))
    else:
        yield place, _text(place, tree)


def _text(place: str, value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and place.endswith("_at"):
        return f"{instant(value).isoformat()}Z"
    return value if isinstance(value, str) else f"{value}" if isinstance(value, Decimal) else _encoded(value)


def _encoded(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _plain(part: Any) -> Any:
    """Structs as dicts and tuples as lists, all the way down; everything else as it is."""
    if isinstance(part, Part):
        return {name: _plain(getattr(part, name)) for name in part.__struct_fields__}
    if isinstance(part, dict):
        return {name: _plain(value) for name, value in part.items()}
    return [_plain(value) for value in part] if isinstance(part, tuple) else part


def changed(fact: F, changes: Mapping[str, str], timezone: str) -> F:
    """The fact with other values at some paths. A list takes one more element at its end, and loses one that is null.

    `offer` may be left out of a path. Instants without an offset are of this time zone. Raises WrongUse that names
    the path.
    """
    tree = _plain(fact)
    for path, text in changes.items():
        _set(tree, path, text, timezone)
    try:
        made = msgspec.convert(tree, type(fact), strict=False)
        stated(made, "")
    except msgspec.ValidationError as error:
        raise WrongUse(f"that makes no {_kind(fact)}: {error}", remedy="Give the field a value of its kind.") from None
    except DecodeError as error:
        raise WrongUse(f"{error.path.lstrip('.')}: {error.reason}", remedy="Give the field such a value.") from None
    return made


def _kind(fact: Fact) -> str:
    return str(fact.__struct_config__.tag).replace("_", " ")


def _set(tree: Any, path: str, text: str, timezone: str) -> None:
    *steps, last = path.split(".")
    for step in steps:
        tree = tree[_key(tree, step, path, new=False)]
    if isinstance(tree, dict) and last not in tree and last in (tree.get("offer") or ()):
        tree = tree["offer"]
    key, value = _key(tree, last, path, new=True), _value(path, text, timezone)
    if isinstance(tree, list):
        tree[key : key + 1] = [] if value is None else [value]
    elif value is None and path.startswith("attributes."):
        tree.pop(key, None)
    else:
        tree[key] = value


def _key(tree: Any, step: str, path: str, *, new: bool) -> Any:
    """The key of a step in what it leads into. Raises WrongUse where it leads nowhere."""
    if isinstance(tree, list) and step.isdecimal() and int(step) < len(tree) + new:
        return int(step)
    # Attributes may have any name; the fields of a fact are given.
    free = new and path.startswith("attributes.")
    if isinstance(tree, dict) and step not in _NOT_STATED and (free or step in tree):
        return step
    there = range(len(tree)) if isinstance(tree, list) else tree if isinstance(tree, dict) else ()
    names = ", ".join(str(name) for name in there if name not in _NOT_STATED)
    raise WrongUse(f"{path}: there is no {step}", remedy=f"There is {names or 'nothing below it'}.")


def _value(path: str, text: str, timezone: str) -> Any:
    if text == "null":
        return None
    if path.endswith("_at") and _INSTANT.fullmatch(text):
        return micros_of(parse_instant(text, timezone))
    if text[:1] in ("{", "["):
        try:
            return _json.decode(text)
        except msgspec.MsgspecError as error:
            raise WrongUse(f"{path}: {error}", remedy='Write JSON: {"item": "A", "offer": {…}}.') from None
    return _decimal(text) if path.rpartition(".")[2] in _AMOUNTS else text


def _decimal(text: str) -> Any:
    """An amount in its one normal form, so that equal facts look equal; what is no amount is refused later."""
    try:
        return str(exact(text))
    except ArithmeticError:
        return text
