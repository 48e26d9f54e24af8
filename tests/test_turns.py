"""Whoever looks at the ledger does so in its turn: by a verb, which the process that owns the ledger answers."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from mrr.book import Book
from mrr.errors import BookError
from tests.api.conftest import Service, ended, made, started
from tests.test_tidy import SRC

LOOKS = ("ledger", "prepared", "sight", "rebuild", "_other")
VERBS = {"verb", "report"}


class Method(NamedTuple):
    """A method of a book: whether it is a verb, and what it uses of itself."""

    is_verb: bool
    uses: frozenset[str]


def methods() -> Iterator[tuple[str, Method]]:
    """Every method of a book, by name."""
    for path in [SRC / "keeper.py", *(SRC / "book").glob("*.py")]:
        found = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ClassDef))
        for method in (one for kind in found for one in kind.body if isinstance(one, ast.FunctionDef)):
            marks = {mark.id for mark in method.decorator_list if isinstance(mark, ast.Name)}
            yield method.name, Method(bool(marks & VERBS), frozenset(_of_self(method)))


def _of_self(method: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(method):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            yield node.attr


def looking(known: Mapping[str, Method]) -> set[str]:
    """The methods that look at the ledger without being verbs, by themselves or through others."""
    found = set(LOOKS)
    while more := {name for name, one in known.items() if not one.is_verb and one.uses & found} - found:
        found |= more
    return found - set(LOOKS)


def test_nobody_looks_at_the_ledger_but_by_a_verb() -> None:
    known = dict(methods())
    assert len([one for one in known.values() if one.is_verb]) > 40
    assert {"_definition", "_under"} <= looking(known), "the search finds nothing"
    assert [name for name in looking(known) if not name.startswith("_")] == ["ask"]


def test_beside_a_service_every_question_leaves_the_ledger_to_it(tmp_path: Path) -> None:
    """Questions with an instant of their own once opened the ledger of the service, and removed it as unreadable."""
    folder = tmp_path / "book"
    tokens = made(folder)
    process, url = started(folder)
    try:
        Service(url, folder, tokens, process).ready(3)
        with Book(folder) as book:
            before = (folder / "warehouse.duckdb").stat().st_ino
            assert book.signals(as_of="2025-03-01") == []
            assert book.anomalies(as_of="2025-03-01") == []
            assert book.reconcile_invoices(as_of="2025-03-01").what == "invoices"
            assert book.reconcile_cash(as_of="2025-03-01").what == "cash"
            assert (folder / "warehouse.duckdb").stat().st_ino == before
            with pytest.raises(BookError, match="another process"):
                book.ledger()
            assert len(book.rollforward(as_of="2025-03-01").rows) == 2
    finally:
        ended(process)
