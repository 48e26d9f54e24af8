"""The JSON Schema accepts exactly what the decoder accepts, but for the rules that are named here."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mrr.errors import DecodeError
from mrr.providers import native
from mrr.providers.native import shapes

from .page import ENVELOPED, EXAMPLES, KINDS, SCHEMA, Body, fits, is_schema

STORAGE: Body = {"item": "storage", "unit_amount": "5", "interval": "month"}


def altered(kind: str, *path: str | int, to: Any) -> Body:
    """The first example of a fact (or the envelope) with another value at a path."""
    base = ENVELOPED if kind == "cloudevent" else next(body for body in EXAMPLES if body["fact"] == kind)
    body: Any = copy.deepcopy(base)
    inner = body
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return dict(body)


# What JSON Schema cannot say: the reason that the decoder gives, and a body that only the decoder refuses.
RULES: dict[str, tuple[str, Body]] = {
    "an amount that is text is at most 10^10": (
        r"at most 10\^10",
        altered("payment", "amount", to="10000000000.01"),
    ),
    "an amount has at most 18 digits": (
        "at most 18 digits",
        altered("usage", "quantity", to="1234567890.123456789"),
    ),
    "an amount has at most 12 places": (
        "at most 12 places",
        altered("subscription", "items", 0, "unit_amount", to="0.0000000000001"),
    ),
    "what is billed and paid has at most 6 places": ("at most 6 places", altered("payment", "amount", to="0.0000001")),
    "quantity times unit amount is at most 10^10": (
        r"more than 10\^10",
        altered("subscription", "items", 0, "quantity", to=10**9),
    ),
    "an instant is one of the calendar": ("no instant", altered("usage", "effective_at", to="2026-02-30")),
    "a day is one of the calendar": ("no date", altered("rate", "day", to="2026-02-30")),
    "an instant lies from 1970 to 9998": ("from 1970 to 9998", altered("usage", "effective_at", to="9999-01-01")),
    "a period does not end before it starts": (
        "before it starts",
        altered("subscription", "period", to=["2026-02-01", "2026-01-31"]),
    ),
    "a currency is one of ISO 4217": ("unknown currency", altered("payment", "currency", to="XXX")),
    "a rate has at most 15 digits": ("at most 15 digits", altered("rate", "value", to="12345.12345678901")),
    "a whole number is written without a point": (
        r"got -?\d+\.0$",
        altered("subscription", "items", 0, "quantity", to=2.0),
    ),
    "the type of an envelope ends in its fact": (
        "a type that ends in",
        altered("cloudevent", "type", to="com.example.invoice"),
    ),
}


def refusal(body: Any) -> str | None:
    """Why the decoder refuses a body; None if it takes it."""
    try:
        native.decode(json.dumps(body).encode(), 7)
    except DecodeError as error:
        return str(error)
    return None


def agree(body: Any) -> None:
    """Hold the two verdicts against each other."""
    reason = refusal(body)
    if fits(body):
        named = any(re.search(pattern, reason or "") for pattern, _ in RULES.values())
        assert reason is None or named, f"the schema takes what the decoder refuses: {reason}\n{json.dumps(body)}"
    else:
        assert reason is not None, f"the decoder takes what the schema refuses\n{json.dumps(body)}"


def test_the_schema_is_one() -> None:
    is_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("rule", RULES)
def test_what_the_schema_cannot_say_the_decoder_refuses(rule: str) -> None:
    pattern, body = RULES[rule]
    assert fits(body)
    assert re.search(pattern, refusal(body) or "")


# ----- every field of every example with every odd value


ODD: list[Any] = [
    *(None, True, False, 0, 1, -1, 7, 10**9, 10**9 + 1, 10**10, 10**10 + 1, 10**30, 0.5, 2.5, 1.0),
    *("", " ", "x", "0", "1", "-1", "-0", "00", "12.50", "12.", ".5", "1e3", "+1", "1_000", " 1", "1\n", "NaN", "100"),
    *("100.000", "100.5", "101", "99.999", "0100", "10000000000.01", "-0.5", "0.0000001", "0.0000000000001", "٣"),
    *("USD", "usd", "Usd", "US", "XXX", "ſek", "2026-01-31", "2026-02-30", "20260131", "1969-12-31"),
    *("2026-01-31 12:00:00Z", "2026-01-31T12:00:00.5+01:00", "2026-01-31t12:00:00z", "9999-01-01"),
    *("2026-01-31T12:00", "2026-W05-6"),
    *("2026-01-31T24:00:00", "2026-01-31\n", "active", "created", "by", "month", "once", "repeating", "won", "forever"),
    *([], [None], [1], [""], ["x"], [{}], ["2026-01-01", "2026-02-01"], ["2026-02-01", "2026-01-01"], [None, None]),
    *(["2026-01-01"], ["2026-01-01", None, None], {}, {"x": 1}, {"x": None}, {"x": []}, {"id": "d", "percent": "5"}),
    *([STORAGE], [STORAGE | {"x": 1}], [{"id": "d"}], [{"id": "d", "amount": 5, "duration": "once"}]),
    *({"status": "trialing"}, {"items": [STORAGE], "pause": None}, {"subscription": "s"}, {"fact": "customer"}),
    *({"status": None}, {"key": "k"}, {"resumes_at": None}, "1.0", "0.3"),
    *("application/json", "text/plain", "application/x+json; charset=utf-8"),
]


def places(part: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of all values of a body."""
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for step, value in inner:
        yield (*path, step)
        yield from places(value, (*path, step))


def fields() -> list[str]:
    """The name of every field of any fact."""
    found = {name for part in SCHEMA["$defs"].values() for name in part.get("properties", {})}
    return sorted({*found, "resumes_at", "up_to", "flat_amount", "nonsense"})


def changed(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """A body with this value at a path, in the place of what is there."""
    made = inner = copy.deepcopy(body)
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return made


def without(body: Any, path: tuple[str | int, ...]) -> Any:
    """A body that lacks what is at a path."""
    made = inner = copy.deepcopy(body)
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return made


@pytest.mark.parametrize("body", [ENVELOPED, *EXAMPLES], ids=lambda body: str(body.get("fact", "envelope")))
def test_both_judge_every_odd_value_alike(body: Body) -> None:
    for number, path in enumerate(places(body)):
        agree(without(body, path))
        # A validator takes milliseconds, so that each place gets its share of the values.
        for value in ODD[number % 5 :: 5]:
            agree(changed(body, path, value))


@pytest.mark.parametrize("kind", KINDS)
def test_both_judge_every_added_field_alike(kind: str) -> None:
    """A field that a fact does not have is refused whatever it holds; one that it has by its value."""
    body = next(body for body in EXAMPLES if body["fact"] == kind)
    known = shapes.NAMES[kind].__struct_encode_fields__
    for number, name in enumerate(sorted(set(fields()) - body.keys())):
        for value in ODD[number % 5 :: 5] if name in known else ("x",):
            agree(body | {name: value})


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """An example, or two mixed, in an envelope or not, with some fields changed, added or taken away."""
    body = copy.deepcopy(draw(st.sampled_from(EXAMPLES)))
    if draw(st.booleans()):
        body |= copy.deepcopy(draw(st.sampled_from(EXAMPLES)))
    if draw(st.booleans()):
        named = draw(st.sampled_from([body["fact"], f"com.example.{body['fact']}", "other"]))
        body = ENVELOPED | {"type": named, "data": body}
    for _ in range(draw(st.integers(0, 4))):
        path = draw(st.sampled_from([*places(body)]))
        value = draw(st.sampled_from(ODD) | st.text(max_size=3) | st.integers() | st.sampled_from(EXAMPLES))
        which = draw(st.integers(0, 2))
        if which == 0:
            body = without(body, path)
        elif which == 1 and isinstance(path[-1], str):
            body = changed(body, (*path[:-1], draw(st.sampled_from(fields()))), value)
        else:
            body = changed(body, path, value)
        if not body:
            break
    return body


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_both_judge_mutated_bodies_alike(body: Any) -> None:
    agree(body)


def test_odd_values_reach_both_verdicts() -> None:
    """A test of agreement means nothing where one side always says the same."""
    for kind, path in (("usage", ("quantity",)), ("subscription", ("pause",)), ("customer", ("attributes", "x"))):
        verdicts = [fits(altered(kind, *path, to=value)) for value in ODD]
        assert 2 < sum(verdicts) < len(verdicts) - 2
