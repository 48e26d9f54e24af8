"""`mrr signals` and `mrr anomalies`: what they print, what they exit with, and what becomes of bad bounds."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mrr.book import Book
from mrr.cli.main import app
from mrr.errors import WrongUse
from mrr.policy import standard
from tests.watch.days import customers

FIRST = date(2025, 1, 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five new customers a day, and thirty on 1 March."""
    place: Path = tmp_path_factory.mktemp("program") / "book"
    Book.create(place, policy=standard()).close()
    days = {FIRST + timedelta(days=number): [("pro", 100)] * 5 for number in range(70)}
    with Book(place) as book:
        book.append_bodies(customers({**days, date(2025, 3, 1): [("pro", 100)] * 30}), source="native")
    return place


def test_a_day_that_stands_out_is_shown_and_fails(folder: Path) -> None:
    ran = CliRunner().invoke(app, ["anomalies", "--book", str(folder), "--as-of", "2025-03-02"])
    assert ran.exit_code == 1, ran.output
    assert "anomaly.new" in ran.output
    assert "30 customers: c-2025-03-01-0, c-2025-03-01-1" in ran.output
    assert "and 25 more" in ran.output


def test_json_has_all_of_it(folder: Path) -> None:
    ran = CliRunner().invoke(app, ["anomalies", "--book", str(folder), "--as-of", "2025-03-02", "--json"])
    (found,) = json.loads(ran.output)
    assert found["begins_at"] == "2025-03-01T00:00:00Z"
    assert len(found["customers"]) == 30
    assert found["figures"]["observed"] == "30"


@pytest.mark.parametrize(("command", "said"), [("signals", "No signal."), ("anomalies", "Nothing stands out.")])
def test_a_quiet_day_is_said_to_be_one(folder: Path, command: str, said: str) -> None:
    ran = CliRunner().invoke(app, [command, "--book", str(folder), "--as-of", "2025-02-20"])
    assert (ran.exit_code, ran.output.strip()) == (0, said)


def test_a_bad_bound_is_named_and_nothing_is_judged(folder: Path) -> None:
    path = folder / "watch.toml"
    path.write_text("[signals]\nleast = 0\n", encoding="utf-8")
    try:
        ran = CliRunner().invoke(app, ["signals", "--book", str(folder)])
    finally:
        path.unlink()
    assert isinstance(ran.exception, WrongUse)
    assert "watch.toml: signals.least" in str(ran.exception)
