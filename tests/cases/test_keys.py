"""Every value of every policy key: one story a key, the ledger of each value, and neighbours that differ."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from mrr import scenario
from mrr.policy.values import Choices

Case = Mapping[str, Any]

KEYS = Path(__file__).parent / "keys"
TOLD: dict[str, Case] = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(KEYS.glob("*.yaml"))}
FIELDS: dict[str, FieldInfo] = {
    field.alias or name: field
    for name, field in Choices.model_fields.items()
    if not (field.alias or name).startswith("report.")
}
RUNS = [(key, number) for key, case in TOLD.items() for number in range(len(case["values"]))]


@pytest.mark.parametrize(("key", "number"), RUNS)
def test_value(key: str, number: int) -> None:
    """Under this value the story has exactly the ledger that was worked out by hand."""
    case = TOLD[key]
    told = case["values"][number]
    story = {
        "policy": {**case.get("also", {}), key: told["value"]},
        "rates": told.get("rates", case.get("rates", [])),
        "facts": case["facts"],
        "as_of": case["as_of"],
        "movements": told["movements"],
    }
    differences = scenario.run(story)
    assert not differences, "\n" + "\n".join(differences)


@pytest.mark.parametrize("key", TOLD)
def test_neighbours_differ(key: str) -> None:
    """The expected ledgers of neighbouring values differ; only a key that says so has the same throughout."""
    case = TOLD[key]
    assert case["key"] == key
    ledgers = [[row[:6] for row in told["movements"]] for told in case["values"]]
    assert len(ledgers) > 1
    for first, second in pairwise(ledgers):
        assert (first == second) == (case.get("ledger") == "same")


def test_every_key_has_a_story() -> None:
    """All ledger keys."""
    assert TOLD.keys() == FIELDS.keys()


@pytest.mark.parametrize("key", TOLD)
def test_every_form_has_a_case(key: str) -> None:
    """Each word that a key takes is among its cases, and so is an example of each other form."""
    values = [told["value"] for told in TOLD[key]["values"]]
    accepted = set(_forms(FIELDS[key]))
    missing = [form for form in accepted if not any(_takes(form, value) for value in values)]
    assert not missing


def _forms(field: FieldInfo) -> Iterator[Any]:
    """The words of a Literal one by one; every other arm of a union as its type, with the checks on it.

    A table that has words to choose from gives the forms of each of its fields, as (name, form).
    """
    for arm in _arms(field.annotation):
        if get_origin(arm) is Literal:
            yield from get_args(arm)
        elif _has_words(arm):
            for name, inner in arm.model_fields.items():
                yield from ((name, form) for form in _forms(inner))
        else:
            yield Annotated[(arm, *field.metadata)] if field.metadata else arm


def _arms(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def _has_words(arm: Any) -> bool:
    if not (isinstance(arm, type) and issubclass(arm, BaseModel)):
        return False
    return any(get_origin(part) is Literal for field in arm.model_fields.values() for part in _arms(field.annotation))


def _takes(form: Any, value: Any) -> bool:
    if isinstance(form, tuple):
        name, inner = form
        return isinstance(value, dict) and name in value and _takes(inner, value[name])
    if isinstance(form, str):
        return bool(value == form)
    try:
        TypeAdapter(form).validate_python(value)
    except ValidationError:
        return False
    return True
