"""docs/tutorial.md, done as it says: its files saved, its commands run in order, its figures seen."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from mrr.cli.main import run

PAGE = (Path(__file__).parents[1] / "docs" / "tutorial.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def steps() -> Iterator[tuple[str, str, str]]:
    """The blocks of the page: their language, what they hold, and the file that was last named before."""
    for block in BLOCK.finditer(PAGE):
        named = re.findall(r"`([\w.]+\.(?:csv|toml))`", PAGE[: block.start()])
        yield block[1], block[2], named[-1]


def shown(output: str) -> str:
    """Output as the page has it: without spaces at the ends of lines."""
    return "\n".join(line.rstrip() for line in output.strip("\n").splitlines())


def pattern(text: str) -> str:
    """What fits a block of output; a line with an ellipsis stands for any lines."""
    return "".join(r"(?:.*\n)*?" if line == "…" else re.escape(line) + r"\n" for line in text.splitlines())


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, and a terminal of 100 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("MRR_BOOK", raising=False)
    return tmp_path


def test_the_page_does_what_it_says(there: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output, commands, compared = "", 0, 0
    for language, content, name in steps():
        if language == "sh":
            output = ""
            for line in content.splitlines():
                program, *words = shlex.split(line)
                assert program == "mrr"
                assert run(words) == 0, f"{line}\n{capsys.readouterr().err}"
                output, commands = output + capsys.readouterr().out, commands + 1
        elif language == "text":
            assert re.fullmatch(pattern(content), shown(output) + "\n"), f"now it is\n{shown(output)}"
            compared += 1
        else:
            (there / name).write_text(content)
    assert (commands, compared) == (16, 14)
    assert_made(there)
    assert run(["import", "--book", "acme", "subscriptions.csv", "--mapping", "ours.toml"]) == 0
    assert "14 known already" in capsys.readouterr().out


def assert_made(there: Path) -> None:
    """Look at the slide and the spreadsheet."""
    for name in ("slide.png", "year.png"):
        assert (there / name).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    sheets = openpyxl.load_workbook(there / "board.xlsx")
    cells = {cell for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row}
    assert {8948, 2200} <= cells
    assert any("standard" in str(cell) for cell in cells), "the definition is not in the workbook"
    assert len((there / "movements.csv").read_text().splitlines()) == 1 + 19
