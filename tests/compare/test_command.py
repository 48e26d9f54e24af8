"""`mrr compare`: what it shows, its exit codes, and its errors."""

import json
from pathlib import Path

import pytest

from mrr.cli.main import run
from tests.compare.books import OURS, table, told


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("command")
    with told(folder):
        pass
    return folder / "acme"


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run(["compare", *map(str, words)])
    return code, *capsys.readouterr()


def test_what_agrees_exits_with_0(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    claim = table(tmp_path, "customer_id,mrr", OURS)
    code, out, _ = said(capsys, "--claim", claim, "--book", folder, "--as-of", "2024-05-15")
    assert code == 0
    assert "9 agree, 0 differ, 0 are only theirs, 0 only ours." in out
    assert "✓ The gap is 0.00 USD, 0.00% of ours" in out
    assert "policy standard" in out


def test_a_gap_over_the_threshold_exits_with_1(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claim = table(tmp_path, "customer_id,mrr", OURS | {"p1": 110, "nobody": 7})
    words = ["--claim", claim, "--book", folder, "--as-of", "2024-05-15", "--no-hypotheses"]
    code, out, _ = said(capsys, *words)
    assert code == 1
    assert "✗ The gap is 107.00 USD, 24.32% of ours" in out
    assert "only theirs, unknown" in " ".join(out.split())
    assert "Amounts are in USD, the currency of the book" in out
    code, out, _ = said(capsys, *words, "--json")
    found = json.loads(out)
    assert code == 1
    assert found["agreement"]["gap_micros"] == 107_000_000
    assert {gap["customer_id"]: gap["row"] for gap in found["gaps"]} == {"p1": 2, "nobody": 11}
    assert said(capsys, *words, "--threshold", "25%")[0] == 0


def test_bad_input_names_row_and_column(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    claim = table(tmp_path, "customer_id,mrr", {"p1": "ten"})
    code, out, err = said(capsys, "--claim", claim, "--book", folder)
    assert (code, out) == (1, "")
    assert "row 2, column mrr: no amount: 'ten'" in " ".join(err.split())
    code, _, err = said(capsys, "--claim", tmp_path / "nowhere.csv", "--book", folder)
    assert code == 1
    assert "nowhere.csv" in err
    claim = table(tmp_path, "customer_id,mrr", OURS)
    assert said(capsys, "--claim", claim, "--book", folder, "--threshold", "some")[0] == 2
