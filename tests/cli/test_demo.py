"""`mrr demo`: the whole way in one command, compared with the simulator's own books."""

import re
import shlex
from pathlib import Path

import pytest

from mrr.cli import demo as demo_module
from mrr.cli.demo import MARK, OURS
from tests.cli.conftest import Mrr, Said


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo of this module goes."""
    return tmp_path_factory.mktemp("demo") / "demo"


@pytest.fixture
def told(mrr: Mrr, book: Path, monkeypatch: pytest.MonkeyPatch) -> Said:
    """A demo of a small company."""
    monkeypatch.setattr(demo_module, "CUSTOMERS", 40)
    return mrr("demo", "--dir", book, "--seed", 7)


def test_the_page(told: Said, book: Path, mrr: Mrr) -> None:
    assert told.code == 0
    verdict = re.search(r"✓ equal to the simulator's own books: ([\d,]+) movements, to the micro", told.out)
    assert verdict
    parts = ["Roll-forward of the last twelve months", "Closing MRR by month", "MRR by plan", "ARPA", "net new",
             "policy hash", "One movement, down to its events", "5 Ledger", "What to try next"]  # fmt: skip
    places = [told.out.index(part) for part in parts]
    assert places == sorted(places)
    assert len(re.findall(r"^20\d\d-\d\d +[\d,]+ ", told.out, re.MULTILINE)) == 12
    assert mrr("policy", "hash", "--book", book).out.strip() in told.out
    assert max(map(len, told.out.splitlines())) <= 80 or "export PATH" in told.out
    lines = told.out.partition("What to try next\n")[2].splitlines()
    assert "export" in lines[0]
    commands = [shlex.split(re.split("  +", line.strip())[0]) for line in lines[1:]]
    assert len(commands) == 9
    for program, *words in commands:
        assert program == "mrr"
        assert mrr("--book", book, *words).code == 0


def test_json(mrr: Mrr, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_module, "CUSTOMERS", 20)
    found = mrr("demo", "--dir", book, "--json").json
    assert found["differing"] == 0
    assert found["headline"]["arr_micros"] == 12 * found["headline"]["mrr_micros"] > 0
    assert len(found["rollforward"]) >= 12
    assert sum(row["closing_micros"] for row in found["plans"]) == found["headline"]["mrr_micros"]


def test_a_difference_is_told_and_fails(mrr: Mrr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = demo_module._theirs
    monkeypatch.setattr(demo_module, "CUSTOMERS", 20)
    monkeypatch.setattr(demo_module, "_theirs", lambda row: honest({**row, "mrr_after_micros": 1}))
    said = mrr("demo", "--dir", tmp_path / "demo")
    assert said.code == 1
    assert re.search(r"✗ differs from the simulator's own books in [\d,]+ movements", said.out)


def test_it_removes_only_what_it_made(mrr: Mrr, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    said = mrr("demo", "--dir", mine)
    assert said.code == 2
    assert "did not make it" in said.err
    assert [path.name for path in mine.iterdir()] == ["thesis.txt"]
    mrr("init", tmp_path / "real")
    assert mrr("demo", "--dir", tmp_path / "real").code == 2
    assert (tmp_path / "real" / "mrr.toml").exists()


def test_an_older_demo_gives_way_but_not_what_lies_beside_it(tmp_path: Path) -> None:
    for name in (*OURS, "notes.txt"):
        (tmp_path / name).write_text("old")
    demo_module.make_room(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    (tmp_path / MARK).write_text("")
    demo_module.make_room(tmp_path)
    demo_module.make_room(tmp_path / "new")


def test_a_demo_leaves_nothing_that_the_next_would_not_know(told: Said, book: Path) -> None:
    assert told.code == 0
    assert {path.name for path in book.iterdir()} <= set(OURS)
