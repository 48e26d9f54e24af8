"""RavenStack: one set of rows, two definitions of MRR by mapping, and three figures of churn that disagree."""

import csv
import gzip
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from mrr.book import Book
from mrr.policy import standard

HERE = Path(__file__).parent / "ravenstack"
PAGE = Path(__file__).parents[2] / "docs" / "ravenstack.md"
AS_OF = "2025-01-01"

Row = dict[str, str]


@cache
def rows(name: str) -> list[Row]:
    """A file of the dataset, row by row."""
    with gzip.open(HERE / f"ravenstack_{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def imported(folder: Path, mapping: str) -> Book:
    """A book with the subscriptions under one of the mappings."""
    book = Book.create(folder / "book", policy=standard())
    file = HERE / "ravenstack_subscriptions.csv.gz"
    counts = book.append_table(str(file), mapping=str(HERE / f"{mapping}.toml")).counts
    assert (counts.decoded, counts.quarantined, counts.conflicts) == (5000, 0, 0)
    return book


@pytest.mark.parametrize(
    ("mapping", "label", "expected"),
    [
        ("as_stored", "active at the instant", 10_159_608),
        ("any_part", "active in any part of the month", 10_734_251),
    ],
)
def test_ending_mrr_of_december(tmp_path: Path, mapping: str, label: str, expected: int) -> None:
    with imported(tmp_path, mapping) as book:
        (december,) = book.rollforward(as_of=AS_OF, first="2024-12").rows
        assert december.closing_micros == expected * 1_000_000
        assert book.verify().ok
    # The definition goes with the rows: the mapping that stands in the journal says which of the two it is.
    assert label in (HERE / f"{mapping}.toml").read_text("utf-8")
    assert f"| {label} |" in PAGE.read_text("utf-8")
    assert f"{expected:,}" in PAGE.read_text("utf-8")


def test_the_mapping_in_the_journal_names_its_definition(tmp_path: Path) -> None:
    with imported(tmp_path, "any_part") as book:
        entry = book.journal.entry(1)
    assert entry.kind == "mapping"
    assert entry.key.startswith("ravenstack, active in any part of the month/")
    assert b'"ends":"month"' in entry.body


def churn_figures() -> Iterator[tuple[str, int]]:
    """What the three files say of churn, each by itself and held against the others."""
    accounts, subscriptions, events = rows("accounts"), rows("subscriptions"), rows("churn_events")
    flagged = {row["account_id"] for row in accounts if row["churn_flag"] == "True"}
    ended = [row for row in subscriptions if row["churn_flag"] == "True"]
    told = {row["account_id"] for row in events}
    paying = {row["account_id"] for row in subscriptions if not row["end_date"] and row["mrr_amount"] != "0"}
    ends = {(row["account_id"], row["end_date"]) for row in ended}
    yield "accounts", len(accounts)
    yield "accounts with `churn_flag`", len(flagged)
    yield "of these, paying on 2024-12-31", len(flagged & paying)
    yield "subscriptions", len(subscriptions)
    yield "subscriptions with `churn_flag`", len(ended)
    yield "subscriptions with an `end_date`", sum(bool(row["end_date"]) for row in subscriptions)
    yield "accounts of these", len({row["account_id"] for row in ended})
    yield "churn events", len(events)
    yield "accounts with a churn event", len(told)
    yield "churn events marked `is_reactivation`", sum(row["is_reactivation"] == "True" for row in events)
    yield (
        "churn events on a day on which a subscription of the account ended",
        sum((row["account_id"], row["churn_date"]) in ends for row in events),
    )
    yield "accounts that all three call churned", len(flagged & told & {row["account_id"] for row in ended})
    yield "accounts paying on 2024-12-31", len(paying)


def test_three_figures_of_churn(tmp_path: Path) -> None:
    figures = dict(churn_figures())
    with imported(tmp_path, "as_stored") as book:
        moved = book.movements(as_of=AS_OF).rows
        churned = [row for row in moved if row.class_ == "churn"]
        back = [row for row in moved if row.class_ == "reactivation"]
        assert len(book.customers(as_of=AS_OF, state="active").rows) == figures["accounts paying on 2024-12-31"]
    figures |= {
        "churn movements of the ledger": len(churned),
        "accounts of these movements": len({row.customer_id for row in churned}),
        "reactivations of the ledger": len(back),
    }
    text = PAGE.read_text("utf-8")
    for name, count in figures.items():
        assert f"| {name} | {count:,} |" in text, (name, count)
    assert len(churned) == len(back)
    assert len({figures[f"{kind} with `churn_flag`"] for kind in ("accounts", "subscriptions")} | {len(churned)}) == 3


def test_accounts_give_attributes(tmp_path: Path) -> None:
    with imported(tmp_path, "as_stored") as book:
        file = str(HERE / "ravenstack_accounts.csv.gz")
        assert book.append_table(file, mapping=str(HERE / "accounts.toml")).counts.decoded == 500
        by_country = book.rollforward(as_of=AS_OF, first="2024-12", by="country").rows
        assert sum(row.closing_micros for row in by_country) == 10_159_608_000_000
    assert {row.group for row in by_country} == {row["country"] for row in rows("accounts")}
