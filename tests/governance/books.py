"""A small book for decisions: a company of three customers, one of them on a trial that goes on and on."""

import json
from pathlib import Path
from typing import Any

from mrr.book import Book
from mrr.policy import standard
from tests.bad_input.telling import body, told

TRIAL = told("trial", effective_at="2025-02-05T00:00:00Z", status="trialing", trial_ends_at="2095-06-05T00:00:00Z")
FACTS = (
    told("one"),
    told("two", effective_at="2025-02-10T00:00:00Z"),
    TRIAL,
    told("two", key="two/2", effective_at="2025-04-20T00:00:00Z", status="canceled", ended_at="2025-04-20T00:00:00Z"),
)


def company(folder: Path, settings: str = "", facts: tuple[dict[str, Any], ...] = FACTS) -> Path:
    """A book of these facts, with more settings in its mrr.toml."""
    Book.create(folder, policy=standard()).close()
    file = folder / "mrr.toml"
    file.write_text(file.read_text("utf-8") + settings, "utf-8")
    with Book(folder) as book:
        book.append_bodies([body(fact) for fact in facts], source="native")
    return folder


def official(book: Book, words: str = "now", drift: str = "1000%", from_month: str | None = None) -> int:
    """A policy made official, all the way."""
    version = book.propose(policy=book.meant(words), author="ann", reason="why not", drift=drift).version
    book.promote(version=version, author="ann", reason="watch it")
    book.promote(version=version, author="ann", reason="agreed", from_month=from_month)
    return version


def keys_of(folder: Path) -> dict[str, Any]:
    """All decisions as the journal keeps them, by key."""
    with Book(folder) as book:
        return {
            entry.key: json.loads(entry.body)
            for entries in book.journal.read()
            for entry in entries
            if entry.source == "governance"
        }
