"""docs/native.md: its examples are read, its tables have the fields that exist, and its story makes its figures."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mrr.book import Book
from mrr.facts import Fact
from mrr.money import shown
from mrr.policy import standard
from mrr.providers import native
from mrr.providers.native import shapes
from mrr.providers.native.decoding import READERS

from .page import ENVELOPED, EXAMPLES, KINDS, PAGE, SCHEMA, Body, blocks, bodies, fits, section, titles

SHARED = {"fact", "version", "key", "extra", "effective_at", "precision"}
PARTS = {"subscription": ("item", "terms", "discount"), "invoice": ("invoice_line",), "price": ("terms",)}


def test_schema_decoder_and_page_know_the_same_facts() -> None:
    assert list(shapes.NAMES) == KINDS
    assert set(READERS) == set(shapes.KINDS)
    assert [title for title in titles() if title in KINDS] == KINDS


@pytest.mark.parametrize("body", [ENVELOPED, *EXAMPLES], ids=lambda body: str(body.get("fact", "envelope")))
def test_every_example_is_read(body: Body) -> None:
    assert fits(body)
    (fact,) = native.decode(json.dumps(body).encode(), 7)
    assert isinstance(fact, Fact)
    assert fact.subject


def test_every_fact_has_an_example_of_its_own() -> None:
    for kind in KINDS:
        assert {body["fact"] for body in bodies(section(kind))} == {kind}


def properties(name: str) -> set[str]:
    """The fields of a definition of the schema, with those that it takes over."""
    found: set[str] = set()
    for part in walked(SCHEMA["$defs"][name]):
        found |= part.get("properties", {}).keys()
    return found


def walked(part: Body) -> Iterator[Body]:
    """A definition and the definitions that it refers to, itself."""
    yield part
    for other in [part, *part.get("allOf", ())]:
        name = other.get("$ref", "").rpartition("/")[2]
        if name:
            yield from walked(SCHEMA["$defs"][name])


@pytest.mark.parametrize("kind", KINDS)
def test_the_tables_have_every_field_and_no_other(kind: str) -> None:
    name = "discount_given" if kind == "discount" else kind
    needed = properties(name) - SHARED
    needed |= {field for part in PARTS.get(kind, ()) for field in properties(part)}
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", section(kind), re.MULTILINE)
    listed = {field for row in rows for field in re.findall(r"`(\w+)`", row)}
    assert listed == needed


def test_a_shape_has_the_fields_of_its_definition() -> None:
    for kind, shape in shapes.NAMES.items():
        fields = {*shape.__struct_encode_fields__, "fact"}
        assert fields == properties("discount_given" if kind == "discount" else kind), kind
    assert {*shapes.Item.__struct_encode_fields__} == properties("item")
    assert {*shapes.Discount.__struct_encode_fields__} == properties("discount")
    assert {*shapes.InvoiceLine.__struct_encode_fields__} == properties("invoice_line")
    assert {*shapes.Before.__struct_encode_fields__} == properties("changing")


def test_the_story_makes_its_figures(tmp_path: Path) -> None:
    (story,) = blocks(PAGE, "jsonl")
    file = tmp_path / "events.jsonl"
    file.write_text(story)
    with Book.create(tmp_path / "acme", policy=standard()) as book:
        counts = book.append(str(file), source="native")
        assert (counts.entries, counts.decoded) == (4, 4)
        rows = book.rollforward(as_of="2026-05-01").rows
        (customer,) = book.customers(as_of="2026-05-01")
    assert customer.attributes["segment"] == "mid"
    told: list[tuple[str, ...]] = re.findall(r"^\| (2026-\d\d) \|" + r" ([-\d.]*) ?\|" * 5, PAGE, re.MULTILINE)
    assert [written(row) for row in rows] == [tuple(cell or "0.00" for cell in row) for row in told]
    assert len(told) == 4


def written(row: Any) -> tuple[str, ...]:
    """A month of a roll-forward as the page writes it."""
    names = ("opening", "new", "expansion", "contraction", "closing")
    amounts = [shown(getattr(row, f"{name}_micros")).removesuffix("0000") for name in names]
    return f"{row.period_starts_on:%Y-%m}", *amounts
