"""Every exit code, each with one clear line and a remedy; never a traceback."""

import json
import sqlite3
from pathlib import Path

import pytest

from mrr.cli import reading, trying
from tests.cli.conftest import Mrr, Said


def complaint(said: Said, code: int) -> tuple[str, str]:
    """The two lines of an error, after looking that there is nothing else."""
    assert said.code == code
    assert said.out == ""
    first, second = said.err.splitlines()
    assert first.startswith("mrr: ")
    assert second.startswith("     ")
    assert second.strip()
    return first.removeprefix("mrr: "), second.strip()


def test_no_book(mrr: Mrr, tmp_path: Path) -> None:
    message, remedy = complaint(mrr("rollforward", "--book", tmp_path), 3)
    assert message == f"{tmp_path} is no book"
    assert "mrr init" in remedy


@pytest.mark.parametrize("words", [
    ["build"], ["rollforward"], ["movements"], ["customers"], ["explain", "x"], ["policy", "show"], ["policy", "hash"],
    ["quarantine"], ["verify"], ["import", "--fx", "ecb"],
])  # fmt: skip
def test_every_command_that_needs_a_book_says_so_as_json(mrr: Mrr, tmp_path: Path, words: list[str]) -> None:
    said = mrr(*words, "--book", tmp_path, "--json")
    assert said.code == 3
    assert said.out == ""
    assert json.loads(said.err) == {
        "error": f"{tmp_path} is no book",
        "remedy": "`mrr init DIR` makes one; --book or MRR_BOOK names it.",
    }


@pytest.mark.parametrize(("words", "told"), [
    (["rollforward", "--interval", "fortnight"], "fortnight"),
    (["rollforward", "--from", "soon"], "'soon'"),
    (["rollforward", "--as-of", "2025-13-01"], "2025-13-01"),
    (["rollforward", "--where", "currency"], "--where currency"),
    (["rollforward", "--chart", "--by", "plan"], "--chart"),
    (["movements", "--class", "growth"], "growth"),
    (["customers", "--state", "happy"], "happy"),
    (["explain"], "ID"),
    (["explain", "nothing"], "nothing"),
    (["import"], "nothing to import"),
    (["import", "nowhere.jsonl"], "nowhere.jsonl"),
    (["import", "--fx", "ecb", "--as", "paper"], "paper"),
    (["import", "--query", "SELECT 1"], "--query needs a --database"),
    (["import", "--fx", "ecb", "--as", "native", "--mapping", "m.toml"], "--mapping is for tables"),
    (["policy", "show", "colour"], "colour"),
    (["policy", "check", "nowhere.toml"], "nowhere.toml"),
    (["scenario"], "FILE"),
    (["scenario", "nowhere.yaml"], "nowhere.yaml"),
    (["simulate", "here", "--customers", "0"], "at least one customer"),
    (["simulate", "here", "--era", "bronze"], "bronze"),
    (["simulate", "here", "--late", "2"], "2.0"),
    (["audit"], "audit"),
    (["verify", "--loud"], "--loud"),
])  # fmt: skip
def test_wrong_use(
    mrr: Mrr, acme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    message, _ = complaint(mrr("--book", acme, *words), 2)
    assert told in message
    assert list(tmp_path.iterdir()) == []


def test_wrong_use_names_the_help_of_the_command(mrr: Mrr) -> None:
    _, remedy = complaint(mrr("policy", "check"), 2)
    assert remedy == "`mrr policy check --help` shows how."


def test_init_refuses_what_is_there_or_unknown(mrr: Mrr, acme: Path, tmp_path: Path) -> None:
    message, _ = complaint(mrr("init", acme), 2)
    assert "is a book already" in message
    message, _ = complaint(mrr("init", tmp_path / "b", "--currency", "XXL"), 2)
    assert "currency" in message
    message, _ = complaint(mrr("init", tmp_path / "b", "--timezone", "Europe/Atlantis"), 2)
    assert "timezone" in message
    assert not (tmp_path / "b").exists()


def test_init_where_nothing_can_be_written(mrr: Mrr, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    complaint(mrr("init", tmp_path / "file" / "book"), 3)
    complaint(mrr("simulate", tmp_path / "file" / "co", "--customers", 1, "--months", 3), 3)


def test_a_book_of_a_newer_version(mrr: Mrr, tmp_path: Path) -> None:
    mrr("init", tmp_path / "b")
    settings = tmp_path / "b" / "mrr.toml"
    settings.write_text(settings.read_text().replace("format = 1", "format = 2"))
    message, remedy = complaint(mrr("verify", "--book", tmp_path / "b"), 3)
    assert "newer version" in message
    assert remedy == "Upgrade mrr."


def test_rates_are_not_taken_for_events(mrr: Mrr, files: Path, tmp_path: Path) -> None:
    mrr("init", tmp_path / "b")
    message, remedy = complaint(mrr("import", "--book", tmp_path / "b", "--as", "stripe", files / "rates.csv"), 2)
    assert "is a table" in message
    assert "--as rates" in remedy
    assert mrr("verify", "--book", tmp_path / "b", "--json").json["entries"] == 0


def test_rates_that_are_none_name_their_line(mrr: Mrr, tmp_path: Path) -> None:
    mrr("init", tmp_path / "b")
    (tmp_path / "r.csv").write_text("day,currency,value\n2025-01-01,EUR,1.1\n2025-01-02,EUR,dear\n")
    message, _ = complaint(mrr("import", "--book", tmp_path / "b", "--as", "rates", tmp_path / "r.csv"), 1)
    assert "r.csv:3" in message


def test_a_tampered_journal_is_a_failed_check(mrr: Mrr, files: Path, tmp_path: Path) -> None:
    book = tmp_path / "b"
    mrr("init", book)
    mrr("import", "--book", book, "--as", "rates", files / "rates.csv")
    with sqlite3.connect(book / "journal.sqlite") as store:
        store.execute("UPDATE entry SET kind = 'forged' WHERE seq = 17")
    store.close()
    said = mrr("verify", "--book", book, "--json")
    assert said.code == 1
    assert (said.json["chain"], said.json["first_broken_seq"]) == ("broken", 17)
    assert "broken at entry 17" in mrr("verify", "--book", book).out


def test_a_policy_file_that_is_none_is_a_failed_check(mrr: Mrr, tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text('churn_at = "sometimes"\n')
    message, _ = complaint(mrr("policy", "check", file), 1)
    assert "churn_at" in message
    assert "paid_through" in message
    assert json.loads(mrr("policy", "check", file, "--json").err)["error"] == message
    complaint(mrr("init", tmp_path / "b", "--policy", file), 2)


def test_a_scenario_that_differs_is_a_failed_check(mrr: Mrr, tmp_path: Path) -> None:
    story = """
        title: One customer
        facts:
          - {fact: subscription, customer: acme, subscription: S, effective_at: 2025-01-10T00:00:00Z, status: active,
             currency: USD, items: [{item: A, product: pro, price: p, unit_amount: "10.00", quantity: 2,
             interval: month, interval_count: 1}], period: [2025-01-10T00:00:00Z, 2025-02-10T00:00:00Z]}
        as_of: 2025-02-01T00:00:00Z
        movements: [[2025-01-10, acme, new, "20.000000", "20.000000", {A: {new: "20.000000"}}]]
        closing: "20.000000"
    """
    right, wrong, broken = (tmp_path / name for name in ("right.yaml", "wrong.yaml", "broken.yaml"))
    right.write_text(story)
    wrong.write_text(story.replace('closing: "20', 'closing: "21'))
    broken.write_text("title: [")
    assert mrr("scenario", right).code == 0
    said = mrr("scenario", right, wrong, broken, "--json")
    assert said.code == 1
    assert [line["agrees"] for line in said.lines] == [True, False, False]
    assert said.lines[1]["differences"] == ["closing: expected 21.000000, got 20.000000"]
    told = mrr("scenario", right, wrong)
    assert told.code == 1
    assert "✓" in told.out
    assert "expected 21.000000" in told.out
    assert "1 of 2 agree." in told.out


def test_a_defect_is_one_line_too(mrr: Mrr, acme: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(reading, "looking", broken)
    message, remedy = complaint(mrr("movements", "--book", acme), 1)
    assert message == "a defect of mrr: RuntimeError: two lines"
    story = Path(remedy.removeprefix("The journal is safe. Please report it with ").removesuffix("."))
    assert "RuntimeError: two" in story.read_text()
    story.unlink()


def test_ctrl_c_says_what_stands(mrr: Mrr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(trying, "write_bodies", stopped)
    message, remedy = complaint(mrr("simulate", tmp_path / "co"), 130)
    assert message == "stopped"
    assert "incomplete" in remedy
    monkeypatch.setattr(trying, "company", stopped)
    complaint(mrr("simulate", tmp_path / "co"), 130)
