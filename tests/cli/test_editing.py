"""The commands of `mrr edit`: what they print, who is named, and the way back."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Mrr

ITEM = {"item": "A", "price": "p", "unit_amount": "100", "interval": "month"}
FACT: dict[str, Any] = {
    "fact": "subscription",
    "customer": "acme",
    "subscription": "s1",
    "effective_at": "2025-01-10",
    "status": "active",
}
FACT |= {"currency": "USD", "items": [ITEM]}


@pytest.fixture
def book(mrr: Mrr, tmp_path: Path) -> Path:
    """A book of one customer; entry 2 doubles what entry 1 told."""
    later = {**FACT, "effective_at": "2025-02-10", "items": [{**ITEM, "quantity": 2}]}
    (tmp_path / "facts.jsonl").write_text(f"{json.dumps(FACT)}\n{json.dumps(later)}\n", "utf-8")
    mrr("init", tmp_path / "acme")
    mrr("import", "--book", tmp_path / "acme", tmp_path / "facts.jsonl")
    return tmp_path / "acme"


def test_an_edit_is_said_listed_and_reverted(mrr: Mrr, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unsigned = mrr("edit", "exclude", "acme", "--book", book, "--reason", "ours")
    assert unsigned.code == 2
    assert "MRR_AUTHOR" in unsigned.err
    monkeypatch.setenv("MRR_AUTHOR", "ada")
    said = mrr("edit", "exclude", "acme", "--book", book, "--reason", "ours")
    assert said.code == 0
    assert "edit 3: exclude native/acme" in said.out
    assert "mrr edit revert 3" in said.out
    undone = mrr("edit", "revert", "3", "--book", book, "--reason", "theirs", "--author", "bob", "--json").json
    assert (undone["seq"], undone["entry"], undone["author"], undone["state"]) == (4, 3, "bob", "standing")
    first, second = mrr("edit", "list", "--book", book, "--json").lines
    assert (first["author"], first["reason"]) == ("ada", "ours")
    assert (first["state"], first["note"]) == ("reverted", "edit 4 reverts it")
    assert second["verb"] == "revert"
    assert [line["seq"] for line in mrr("edit", "list", "--standing", "--book", book, "--json").lines] == [4]
    page = mrr("edit", "list", "--book", book).out
    assert "exclude native/acme" in page
    assert "theirs" in page


def test_a_correction_shows_what_it_can_correct(mrr: Mrr, book: Path) -> None:
    shown = mrr("edit", "correct", "2", "--book", book)
    assert "items.0.quantity" in shown.out
    (told,) = mrr("edit", "correct", "--subscription", "s1", "--at", "2025-02-01", "--book", book, "--json").json
    assert told["values"]["items.0.quantity"] == "1"
    who = ("--author", "ada", "--reason", "a typo", "--book", book)
    said = mrr("edit", "correct", "2", "items.0.quantity=3", "status=active", *who)
    assert "correct entry 2: items.0.quantity=3, status=active" in said.out
    last = mrr("movements", "--book", book, "--json").lines[-1]
    assert last["amount_micros"] == 200_000_000
    explained = mrr("explain", last["movement_id"], "--book", book)
    assert "Edits" in explained.out
    assert "ada" in explained.out
    assert "a typo" in explained.out
    wrong = mrr("edit", "correct", "2", "quantity", *who)
    assert (wrong.code, "PATH=VALUE" in wrong.err) == (2, True)
    lost = mrr("edit", "correct", "items.0.quantity=3", *who)
    assert (lost.code, "--subscription ID --at T" in lost.err) == (2, True)
