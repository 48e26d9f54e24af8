"""`mrr schema`, and how an import recognises whose a file is."""

import gzip
import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mrr.providers import PROVIDERS, native
from tests.cli.conftest import Mrr, finished, program
from tests.providers.native.page import is_schema

FACT = {"fact": "customer", "customer": "acme", "attributes": {"segment": "mid"}}
CLOUD_EVENT = {"specversion": "1.0", "id": "1", "source": "/crm", "type": "com.example.customer", "data": FACT}
CUSTOMER = {"id": "cus_1", "object": "customer", "created": 1704067200}
EVENT = {"id": "evt_1", "object": "event", "type": "customer.created", "created": 1704067200} | {
    "data": {"object": CUSTOMER}
}

FILES: list[tuple[str, str, str]] = [
    ("a fact", json.dumps(FACT), "native"),
    ("a fact over several lines", json.dumps(FACT, indent=2), "native"),
    ("facts, one a line", f"{json.dumps(FACT)}\n{json.dumps(FACT | {'key': 'k'})}\n", "native"),
    ("an array of facts", json.dumps([FACT, FACT], indent=2), "native"),
    ("a fact of another version", json.dumps(FACT | {"version": 2}), "native"),
    ("a cloud event", json.dumps(CLOUD_EVENT), "native"),
    ("a batch of cloud events", json.dumps([CLOUD_EVENT]), "native"),
    ("an event", json.dumps(EVENT), "stripe"),
    ("an event over several lines", json.dumps(EVENT, indent=2), "stripe"),
    ("events with empty lines", f"\n\n{json.dumps(EVENT)}\n\n", "stripe"),
    ("an array of events", json.dumps([EVENT]), "stripe"),
    ("an object", json.dumps({"object": "customer", "id": "cus_1"}), "stripe"),
    ("a list object", json.dumps({"object": "list", "data": [EVENT]}), "stripe"),
    ("an empty list object", json.dumps({"object": "list", "data": []}), "stripe"),
]
UNKNOWN = [
    *("5", "hello", "{", '{"a": 1}', "[1]", '"fact"', '{"fact": 5}', "day,currency,value\n2025-01-01,EUR,1.1\n"),
    json.dumps(FACT | {"object": "customer"}),
]


@pytest.fixture
def book(mrr: Mrr, tmp_path: Path) -> Path:
    """An empty book."""
    assert mrr("init", tmp_path / "book").code == 0
    return tmp_path / "book"


def file_of(folder: Path, content: str) -> Path:
    """A file that holds this."""
    file = folder / "told.jsonl"
    file.write_text(content)
    return file


def test_the_schema_is_printed_as_it_ships(mrr: Mrr) -> None:
    said = mrr("schema")
    assert said.code == 0
    assert said.out == native.schema()
    is_schema(said.json)
    (line,) = mrr("schema", "--json").lines
    assert line == said.json


@pytest.mark.parametrize(("content", "source"), [row[1:] for row in FILES], ids=[row[0] for row in FILES])
def test_the_source_is_recognised_and_said(mrr: Mrr, book: Path, content: str, source: str) -> None:
    file = file_of(book, content)
    told = mrr("import", "--book", book, file)
    assert told.code == 0, told.err
    assert ("told.jsonl: read as " in told.out) is not content.endswith("[]}")
    counts = mrr("import", "--book", book, file, "--json").json
    assert counts["sources"] == [source]
    assert counts["entries"] == counts["duplicates"] + counts["quarantined"]


@pytest.mark.parametrize("content", UNKNOWN)
def test_what_is_not_unambiguous_is_asked_for(mrr: Mrr, book: Path, content: str) -> None:
    said = mrr("import", "--book", book, file_of(book, content))
    assert said.code == 2
    assert "told.jsonl: its first entry is none that is known by its look" in said.err
    assert all(name in said.err for name in PROVIDERS)
    assert mrr("verify", "--book", book, "--json").json["entries"] == 0


def test_what_is_said_goes_before_what_is_seen(mrr: Mrr, book: Path) -> None:
    counts = mrr("import", "--book", book, "--as", "stripe", file_of(book, json.dumps(FACT)), "--json").json
    assert (counts["sources"], counts["quarantined"]) == (["stripe"], 1)


def test_the_account_is_kept(mrr: Mrr, book: Path) -> None:
    counts = mrr("import", "--book", book, "--source", "crm", file_of(book, json.dumps(FACT)), "--json").json
    assert counts["sources"] == ["native:crm"]
    assert mrr("customers", "--book", book, "--json").lines == []


def test_an_empty_file_is_no_mistake(mrr: Mrr, book: Path) -> None:
    said = mrr("import", "--book", book, file_of(book, "\n"))
    assert (said.code, said.out) == (0, "0 entries\n")


@pytest.mark.parametrize("packed", [False, True])
def test_standard_input_is_recognised(mrr: Mrr, book: Path, packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    content = "\n".join(json.dumps(FACT | {"key": str(number)}) for number in range(3000)).encode()
    raw = io.BytesIO(gzip.compress(content) if packed else content)
    buffer: Any = io.BufferedReader(raw)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=buffer))
    counts = mrr("import", "--book", book, "-", "--json").json
    assert (counts["decoded"], counts["sources"]) == (3000, ["native"])


def test_a_pipe_is_recognised(mrr: Mrr, book: Path) -> None:
    import_command = program("import", "--book", book, "-", stdin=b"")
    said = finished(import_command, json.dumps(EVENT).encode())
    assert said.code == 0
    assert "standard input: read as stripe" in said.out
