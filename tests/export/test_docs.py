"""The how-tos of exporting and notebooks: every line in them runs, and what they name exists."""

import re
import shlex
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mrr import Book
from mrr.book.exporting import EXPORTS
from mrr.cli.main import run
from mrr.export import FORMATS
from tests.test_docs import blocks, page

EXPORTING, NOTEBOOKS = page("docs/exporting.md"), page("docs/notebooks.md")
COMMANDS = [line for block in blocks(EXPORTING, "sh") for line in block.splitlines()]


@pytest.fixture
def here(acme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory in which `acme` is the book."""
    (tmp_path / "acme").symlink_to(acme)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MRR_BOOK", "acme")
    return tmp_path


@pytest.mark.parametrize("line", COMMANDS)
def test_the_commands_of_the_page_run(here: Path, capsys: pytest.CaptureFixture[str], line: str) -> None:
    command, _, place = line.partition(" > ")
    program, *words = shlex.split(command)
    assert program == "mrr"
    assert run(words) == 0, capsys.readouterr().err
    told = capsys.readouterr().out
    if place:
        assert told.startswith("{")
    else:
        written = words[words.index("--to") + 1].removeprefix("sqlite:///")
        assert (here / written).stat().st_size > 100


def test_the_notebook_runs_from_top_to_bottom(here: Path) -> None:
    names: dict[str, Any] = {}
    for block in blocks(NOTEBOOKS, "python"):
        exec(block, names)
    assert sum(amount for _, _, amount in names["why"]) < 0
    assert names["picture"].startswith(b"\x89PNG")
    assert names["chart"].to_dict()["layer"]
    assert len(names["monthly"]) == 12
    assert names["by_segment"].height > 1
    assert names["points"].to_dict()["mark"]
    assert names["triangle"].iloc[0, 0] == Decimal(1)
    assert names["retention"].height == 12


def test_everything_that_can_be_exported_is_on_the_page(book: Book) -> None:
    for name in EXPORTS:
        assert f"`{name}`" in EXPORTING
    listed = set(re.findall(r"^\| (\w+(?: lines)?) \|", EXPORTING.split("| format |")[1], re.MULTILINE))
    assert {"CSV", "JSON", "JSON lines", "Parquet", "Excel"} <= listed
    assert len(FORMATS) == 5


def test_the_columns_of_the_reports_are_as_the_page_tells(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reports = EXPORTING.split("## The three files")[1].split("```")[0]
    for name in ("summary", "changes"):
        assert run(["export", name, "--as-of", "2024-01-01"]) == 0
        columns = capsys.readouterr().out.splitlines()[0].replace('"', "").split(",")
        told = reports.split(f"**`{name}`**")[1].split("\n**")[0]
        for column in columns:
            assert f"`{column}`" in told or column in ("month", "currency"), (name, column)
