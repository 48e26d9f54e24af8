"""The course of an indicator: events in slots, times, comparisons, what was done; and runbooks as they are read."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mrr import Book
from mrr.book import clock
from mrr.charts import drift, latency, success
from mrr.cli.main import run
from mrr.errors import WrongUse
from mrr.policy import standard
from mrr.watch.indicators import Posting
from mrr.watch.runbooks import FOLDERS, read, runbook
from tests.watch import troubled

NOON = datetime(2026, 11, 20, 12)
MINUTE, HOUR, SECOND = timedelta(minutes=1), timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """A book whose present is NOON."""
    with clock.standing(NOON), Book.create(tmp_path / "book", policy=standard()) as made:
        yield made


def paid(name: str, at: datetime, code: str | None = None) -> bytes:
    """Somebody pays for the first time, or fails to."""
    (body,) = troubled.bodies(iter([troubled.payment(name, name, at, code)]))
    return body


def test_events_lie_in_the_slot_in_which_they_began(book: Book) -> None:
    early = [paid("a", NOON - 50 * MINUTE), paid("b", NOON - 46 * MINUTE, "card_declined")]
    book.append_bodies([*early, paid("c", NOON - 45 * MINUTE), paid("old", NOON - 25 * HOUR)], source="native")
    book.annotate(kind="deploy", text="a new form", author="ci", at="2026-11-20T11:13Z")
    course = book.course(indicator="checkout.success", window="1d")
    told = [(one.begins_at, one.good, one.total, one.met_ratio) for one in course.rows]
    assert told == [(NOON - HOUR, 1, 2, "0.500000"), (NOON - 45 * MINUTE, 1, 1, "1.000000")]
    assert (course.met_ratio, course.least_ratio) == ("0.666667", "0.900000")
    assert course.broken() == course.rows[:1]
    assert [one.text for one in course.notes] == ["a new form"]
    assert len(book.course(indicator="checkout.success", window="7d").rows) == 2
    drawn = str(success(course))
    for words in ("1 of 2", "deploy: a new form", "2026-11-20T11:15:00", "{'datum': 0.9"):
        assert words in drawn, words


def test_times_are_those_of_the_entries_of_a_slot(book: Book) -> None:
    book.append_bodies([paid(f"p{number}", NOON - HOUR) for number in range(100)], source="native")
    book.posted([Posting(1, 98, NOON + SECOND), Posting(99, 100, NOON + 9 * SECOND)])
    with clock.standing(NOON + MINUTE):
        course = book.course(indicator="queue.posting", window="1h")
    (only,) = course.rows
    assert (only.begins_at, only.good, only.total) == (NOON, 98, 100)
    assert (only.p50_us, only.p99_us, course.within_us) == (1_000_000, 9_000_000, 5_000_000)
    spec = latency(course)
    seconds = {row["seconds"] for rows in spec["datasets"].values() for row in rows if "seconds" in row}
    assert seconds == {1, 9}
    assert "{'datum': 5.0" in str(spec)


def test_comparisons_are_told_against_the_bound(book: Book) -> None:
    at = NOON - 10 * HOUR
    line = troubled.line("l", "a", at, at + timedelta(days=30), "50")
    events = [troubled.subscription("a", at), troubled.invoice("i", "a", at, line)]
    book.append_bodies(troubled.bodies(iter(events)), source="native")
    assert book.drifts().rows == []
    run = book.reconcile_invoices()
    with clock.standing(NOON + MINUTE):
        drifts = book.drifts()
    (only,) = drifts.rows
    assert (only.what, only.millionths, only.within, drifts.most) == ("invoices", 500_000, False, 5_000), run
    assert "var(--bad)" in str(drift(drifts))
    with clock.standing(NOON + timedelta(days=29)):
        assert book.drifts().rows == []


def test_the_command_shows_slots_notes_and_comparisons(book: Book, capsys: pytest.CaptureFixture[str]) -> None:
    early = [paid("a", NOON - 50 * MINUTE), paid("b", NOON - 46 * MINUTE, "card_declined")]
    book.append_bodies([*early, paid("c", NOON - 45 * MINUTE)], source="native")
    book.annotate(kind="deploy", text="a new form", author="ci", at="2026-11-20T11:13Z")
    book.reconcile_invoices()
    book.silence(matching="F4.*", ends_at="2026-11-20T13:00Z", author="ada", reason="rates are late on Fridays")
    book.close()
    words = ["--book", str(book.folder)]
    with clock.standing(NOON + MINUTE):
        assert run(["course", "checkout.success", *words]) == 0
        out = capsys.readouterr().out
        for line in (
            "66.7% went well",
            "2026-11-20 11:00Z       2      50.0%",
            "below it in 1 of 2 slots",
            "deploy: a new form",
        ):
            assert line in out, out
        assert run(["course", "reconciliation.drift", *words, "--json"]) == 0
        assert [one["what"] for one in json.loads(capsys.readouterr().out)["rows"]] == ["invoices"]
        assert run(["course", "reconciliation.drift", *words]) == 0
        assert "invoices" in capsys.readouterr().out
        assert run(["course", "checkout.success", "--window", "3d", *words]) == 2
        capsys.readouterr()
        assert run(["silences", *words]) == 0
        assert "F4.*      2026-11-20 13:00Z  ada  rates are late on Fridays" in capsys.readouterr().out
        assert run(["lift", "F4", *words]) == 2
        assert "mrr silences" in capsys.readouterr().err
        assert run(["lift", "F4.*", "--author", "bob", *words]) == 0
        assert "F4.* is silenced no more" in capsys.readouterr().out
        assert run(["silences", *words]) == 0
    assert "Nothing is silenced" in capsys.readouterr().out


def test_what_cannot_be_followed_is_refused(book: Book) -> None:
    for words in ({"indicator": "nothing"}, {"indicator": "checkout.success", "window": "3d"}):
        with pytest.raises(WrongUse, match="there is no"):
            book.course(**words)


def test_a_silence_is_listed_until_it_is_over(book: Book) -> None:
    book.silence(matching="F4.*", ends_at="2026-11-20T13:00Z", author="ada", reason="rates are late on Fridays")
    (one,) = book.silences()
    assert (one.author, one.matching, one.ends_at) == ("ada", "F4.*", NOON + HOUR)
    with clock.standing(NOON + HOUR):
        assert book.silences() == []


def test_every_runbook_is_read_whole() -> None:
    rules = [path.stem for path in FOLDERS[-1].glob("*.md")]
    assert rules
    for rule in rules:
        found = runbook(rule)
        assert found is not None
        assert "steps" in {block.kind for block in found.blocks}, rule
        said = " ".join(piece.text for block in found.blocks for line in block.lines for piece in line)
        assert not {"**", "`", "\n"} & set(said), rule
        assert not any(mark in said for mark in ("**", "`")), rule


def test_a_runbook_is_a_title_paragraphs_lists_and_steps() -> None:
    found = read("a.b", "# a.b: It breaks\n\nSome **words**\nand `mrr x`.\n\n- one\n- two\n\n1. do\n")
    assert found.title == "It breaks"
    assert [(block.kind, len(block.lines)) for block in found.blocks] == [("paragraph", 1), ("list", 2), ("steps", 1)]
    assert [(one.kind, one.text) for one in found.blocks[0].lines[0]] == [
        ("plain", "Some "),
        ("strong", "words"),
        ("plain", " and "),
        ("code", "mrr x"),
        ("plain", "."),
    ]


@pytest.mark.parametrize("rule", ["../../etc/passwd", "rules.mine", "slo.payment.md", ""])
def test_no_other_file_is_a_runbook(rule: str) -> None:
    assert runbook(rule) is None
