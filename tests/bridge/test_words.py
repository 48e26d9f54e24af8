"""Ledgers in words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mrr.book import Book
from mrr.errors import MrrError
from mrr.ledger_words import named, spelled
from mrr.period import instant
from mrr.policy import standard

FACT = b"""{"fact": "subscription", "customer": "%s", "subscription": "%s", "effective_at": "2025-01-10",
    "status": "active", "currency": "USD", "items": [{"item": "i", "product": "p", "price": "m",
    "unit_amount": "10.00", "interval": "month"}]}"""


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """Three entries, of two accounts, the last a year after the others."""
    with Book.create(tmp_path / "acme", policy=standard().differing({"timezone": "Asia/Kolkata"}, "ours")) as made:
        for source, name in (("native", b"a"), ("native:eu", b"b")):
            made.append_bodies([FACT % (name, name)], source=source)
        yield made


def test_now_is_the_books_own(book: Book) -> None:
    ledger = named("now", book)
    assert ledger.is_prefix
    assert (ledger.policy, ledger.seq) == (book.policy, 2)
    assert named("@2999-01-01", book) == ledger


def test_a_prefix_by_entry_and_by_instant(book: Book) -> None:
    assert named("@seq:1", book)[1:3] == (1, 1)
    second = instant(book.journal.entry(2).recorded_at)
    assert named(f"@{second.isoformat()}Z", book).seq == 1
    assert named("now@seq:2", book) == named("now", book)


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        ("churn_at=request", "churn_at", "request"),
        ("now,status.past_due=14", "status.past_due", 14),
        ("netting={minutes = 60}", "netting", {"minutes": 60}),
        ('customers.exclude=[{test = "true", eu = "1"}]', "customers.exclude", [{"test": "true", "eu": "1"}]),
        ("gap=1,gap=5", "gap", 5),
    ],
)
def test_keys_change_the_books_policy(book: Book, words: str, key: str, value: object) -> None:
    ledger = named(words, book)
    assert ledger.policy == book.policy.differing({key: value})
    assert ledger.policy[key] == value


def test_a_policy_by_name_or_file(book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.toml").write_text('churn_at = "request"\n')
    monkeypatch.chdir(tmp_path)
    assert named("mine.toml@seq:1", book).policy["churn_at"] == "request"
    assert spelled("mine.toml@seq:1,gap=3") == f"{tmp_path}/mine.toml@seq:1,gap=3"
    assert spelled("now,rounding={to = 2, mode = 'floor'}") == "now,rounding={to = 2, mode = 'floor'}"
    # A preset keeps what is the company's own.
    assert named("standard", book).policy["timezone"] == "Asia/Kolkata"


def test_sources_and_edits(book: Book) -> None:
    assert named("sources=native", book).sources == ("native",)
    assert named("now,sources=native:eu+native", book).sources == ("native", "native:eu")
    assert named("edits=none", book).edits_seq == 0
    assert named("edits=@seq:1", book)[1:3] == (2, 1)


@pytest.mark.parametrize(
    ("words", "said", "remedy"),
    [
        ("@2001-05-03", "unknown: nothing was recorded before 2001-05-03", "The first entry was recorded at"),
        ("@seq:3", "@seq:3 is no entry", "It has entries 1 to 2."),
        ("@soon", "'soon' is no date", "Write"),
        ("churn_at=never", "churn_at = 'never' is not allowed", "policy show"),
        ("churn=ended", "churn is no key of a policy", "A ledger is now, @DAY"),
        ("now,ended", "'ended' changes no ledger", "A ledger is"),
        ("sources=paper", "there is no source 'paper'", "Sources: native, native:eu."),
        ("close:2026-10", "2026-10 is not closed", "No month is closed yet."),
        ("close:october", "'october' is no day", "Write"),
        ("v7", "the policy has no version 7", "propose"),
        ("nobody", "there is no preset nobody", "Presets"),
        ("missing.toml", "missing.toml", "Name a TOML file"),
    ],
)
def test_what_means_no_ledger_is_refused(book: Book, words: str, said: str, remedy: str) -> None:
    with pytest.raises(MrrError) as refused:
        named(words, book)
    assert said in str(refused.value)
    assert remedy in refused.value.remedy


def test_before_the_first_import_is_unknown_not_empty(tmp_path: Path) -> None:
    with Book.create(tmp_path / "new", policy=standard()) as book, pytest.raises(MrrError, match="unknown") as refused:
        named("@2999-01-01", book)
    assert refused.value.remedy == "The journal is empty."
