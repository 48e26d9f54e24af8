"""RavenStack: from one definition of MRR to the other, each differing subscription once, and nothing left over."""

import csv
import gzip
import json
from pathlib import Path

from mrr.book import Book
from mrr.policy import standard

HERE = Path(__file__).parents[1] / "cases" / "ravenstack"
FILE = HERE / "ravenstack_subscriptions.csv.gz"
# One source a reading of the end date: both in one book, side by side.
READINGS = {"tabular:stored": "as_stored", "tabular:any": "any_part"}


def rows() -> list[dict[str, str]]:
    """The subscriptions, row by row."""
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def merges(accounts: set[str]) -> list[bytes]:
    """Edits which say that an account of one source is that of the other."""
    said = {"edit": "merge", "version": 1, "author": "finance", "reason": "one file, read twice"}
    said["said_at"] = "2025-01-01T00:00:00Z"
    pairs = [{"customer": f"tabular:any/{name}", "into": f"tabular:stored/{name}"} for name in sorted(accounts)]
    return [json.dumps(said | pair).encode() for pair in pairs]


def test_from_active_at_the_instant_to_active_in_any_part_of_the_month(tmp_path: Path) -> None:
    with Book.create(tmp_path / "raven", policy=standard()) as book:
        for source, mapping in READINGS.items():
            book.append_table(str(FILE), mapping=str(HERE / f"{mapping}.toml"), source=source)
        accounts = {row["account_id"] for row in rows()}
        book.append_bodies(merges(accounts), source="edits")
        days = {"first": "2024-12", "last": "2024-12", "as_of": "2025-01-01"}
        found = book.bridge(left="sources=tabular:stored", right="sources=tabular:any", **days)
    assert (found.left.closing_micros, found.right.closing_micros) == (10_159_608_000_000, 10_734_251_000_000)
    assert found.difference_micros == 574_643_000_000
    assert found.remainder_micros == 0
    # What ended in December on a paid plan, and counts to the end of the month under the other reading.
    ended = {
        row["subscription_id"]: int(row["mrr_amount"]) * 1_000_000
        for row in rows()
        if row["end_date"].startswith("2024-12") and row["is_trial"] == "False" and row["mrr_amount"] != "0"
    }
    told = [(one.subscription_id, one.left_micros, one.right_micros) for one in found.subscriptions]
    assert sorted(told) == sorted((name, 0, amount) for name, amount in ended.items())
    assert {cause.name for cause in found.causes} == {"sources"}
    assert all(row.entries for row in found.rows)
    assert sum(row.amount_micros for row in found.rows) == found.difference_micros
