"""Tampering with the file, column by column and row by row: the first broken entry is named, and why."""

from pathlib import Path

import pytest
import zstandard

from mrr.journal import Journal, Verification
from mrr.journal.chain import entry_digest

from .offers import records, sql

ENTRIES = 20


@pytest.fixture
def kept(journal: Journal) -> Journal:
    """A journal with entries 1 to 20, of several batches."""
    for first in (1, 8, 15):
        journal.append("stripe", records(first, min(first + 6, ENTRIES)), recorded_at=first)
    assert journal.verify() == Verification(ENTRIES, True)
    return journal


def _broken(journal: Journal, seq: int, reason: str) -> None:
    found = journal.verify()
    assert not found.ok
    assert (found.first_broken_seq, found.entries) == (seq, seq - 1)
    assert found.reason is not None
    assert reason in found.reason


METADATA = "its source, key, kind, occurred_at or recorded_at was altered"
COLUMNS = [
    ("source = 'other'", METADATA),
    ("key = 'evt_other'", METADATA),
    ("key = CAST(x'ff41' AS TEXT)", "cannot be read"),
    ("key = x'4142'", METADATA),
    ("kind = 'customer.deleted'", METADATA),
    ("occurred_at = occurred_at + 1", METADATA),
    ("occurred_at = NULL", METADATA),
    ("occurred_at = 'yesterday'", METADATA),
    ("recorded_at = recorded_at - 1", METADATA),
    ("body_digest = zeroblob(32)", "its body_digest was altered"),
    ("digest = zeroblob(32)", "its digest was altered"),
    ("digest = 'text'", "its digest was altered"),
    ("body = zeroblob(40)", "its body was altered: it cannot be decompressed"),
    ("body = CAST(body || x'00' AS BLOB)", "its body was altered: it cannot be decompressed"),
    ("body = 'text'", "its body was altered: it cannot be decompressed"),
    ("body = NULL", "its body is gone, and it was not erased"),
    ("body_size = body_size + 1", "its body was altered: it cannot be decompressed"),
    ("dictionary_id = 99", "its body was altered: it cannot be decompressed"),
    ("erased_at = 5", "it is marked as erased, but its body is there"),
]


@pytest.mark.parametrize(("change", "reason"), COLUMNS, ids=[change for change, _ in COLUMNS])
@pytest.mark.parametrize("seq", [1, 9, ENTRIES])
def test_a_changed_column_is_found_at_its_entry(kept: Journal, path: Path, seq: int, change: str, reason: str) -> None:
    sql(path, f"UPDATE entry SET {change} WHERE seq = ?", [seq])
    _broken(kept, seq, reason)


def test_every_column_of_an_entry_is_tried_above(kept: Journal, path: Path) -> None:
    stored = {row[1] for row in sql(path, "PRAGMA table_info(entry)")} - {"seq"}
    assert {change.split(" = ")[0] for change, _ in COLUMNS} == stored


def test_another_valid_body_is_not_the_body(kept: Journal, path: Path) -> None:
    (size,) = sql(path, "SELECT body_size FROM entry WHERE seq = 9")[0]
    sql(path, "UPDATE entry SET body = ? WHERE seq = 9", [zstandard.compress(b"y" * size)])
    _broken(kept, 9, "its body was altered")


def test_a_forged_body_with_its_digest_breaks_the_chain(kept: Journal, path: Path) -> None:
    source = sql(path, "SELECT body, body_size, body_digest FROM entry WHERE seq = 3")[0]
    sql(path, "UPDATE entry SET key = 'x', body = ?, body_size = ?, body_digest = ? WHERE seq = 9", source)
    _broken(kept, 9, "was altered")


def test_an_entry_forged_with_its_digest_is_seen_at_the_next(kept: Journal, path: Path) -> None:
    before, entry = kept.entries([8, 9])
    instants = entry.occurred_at, entry.recorded_at
    forged = entry_digest(before.digest, 9, entry.source, "evt_forged", entry.kind, *instants, entry.body_digest)
    sql(path, "UPDATE entry SET key = 'evt_forged', digest = ? WHERE seq = 9", [forged])
    _broken(kept, 10, "or the entry before it was replaced together with its digest")


@pytest.mark.parametrize("seq", [1, 9])
def test_a_deleted_entry_is_missing(kept: Journal, path: Path, seq: int) -> None:
    sql(path, "DELETE FROM entry WHERE seq = ?", [seq])
    _broken(kept, seq, f"entry {seq} is missing: the next one is {seq + 1}")


def test_a_deleted_tail_is_missing(kept: Journal, path: Path) -> None:
    sql(path, "DELETE FROM entry WHERE seq > 17")
    _broken(kept, 18, "entries 18 to 20 are missing at the end")


def test_a_deleted_tail_with_a_rewritten_head_contradicts_the_receipts(kept: Journal, path: Path) -> None:
    sql(path, "DELETE FROM entry WHERE seq > 17")
    last = "SELECT seq, digest, recorded_at FROM entry WHERE seq = 17"
    sql(path, f"UPDATE head SET (seq, digest, recorded_at) = ({last})")
    _broken(kept, 18, "the receipts say that 20 entries were appended, but there are 17")


@pytest.mark.parametrize(("one", "other"), [(9, 10), (4, 15), (1, 2)])
def test_swapped_entries_are_out_of_order(kept: Journal, path: Path, one: int, other: int) -> None:
    for old, new in ((one, 99), (other, one), (99, other)):
        sql(path, "UPDATE entry SET seq = ? WHERE seq = ?", [new, old])
    _broken(kept, one, f"the order was altered: it was written as entry {other}")


@pytest.mark.parametrize("seq", [0, -3])
def test_an_entry_before_the_first_was_never_appended(kept: Journal, path: Path, seq: int) -> None:
    sql(path, "UPDATE entry SET seq = ? WHERE seq = 5", [seq])
    found = kept.verify()
    assert (found.ok, found.first_broken_seq) == (False, seq)
    assert found.reason == f"an entry {seq} was never appended"


@pytest.mark.parametrize(
    ("change", "seq", "reason"),
    [
        ("UPDATE head SET seq = 19", 20, "the head row ends at 19, the entries at 20"),
        ("UPDATE head SET digest = zeroblob(32)", 20, "the head row was altered"),
        ("UPDATE head SET recorded_at = 999", 20, "the head row was altered"),
        ("DELETE FROM head", 20, "the head row is missing"),
        ("UPDATE receipt SET appended = 4, duplicates = 3 WHERE receipt_id = 2", 18, "receipts say that 17 entries"),
        ("UPDATE journal SET id = 'another'", 1, METADATA),
    ],
)
def test_what_stands_beside_the_entries_must_agree(
    kept: Journal, path: Path, change: str, seq: int, reason: str
) -> None:
    sql(path, change)
    with Journal.open(path) as again:
        found = again.verify()
    assert (found.ok, found.first_broken_seq) == (False, seq)
    assert found.reason is not None
    assert reason in found.reason


def test_an_erased_body_leaves_the_chain_whole(kept: Journal, path: Path) -> None:
    sql(path, "UPDATE entry SET body = NULL, erased_at = 77 WHERE seq = 9")
    assert kept.verify() == Verification(ENTRIES, True)


def test_a_lost_dictionary_is_seen_at_the_first_entry_that_needs_it(journal: Journal, path: Path) -> None:
    journal.append("stripe", records(1, 5), recorded_at=0)
    journal.append("stripe", records(6, 700), recorded_at=0)
    sql(path, "UPDATE dictionary SET body = zeroblob(5000)")
    _broken(journal, 6, "its body was altered: it cannot be decompressed")
    sql(path, "DELETE FROM dictionary")
    _broken(journal, 6, "its body was altered: it cannot be decompressed")


def test_overwritten_pages_of_the_file_are_reported_not_read(journal: Journal, path: Path) -> None:
    journal.append("stripe", records(1, 3000), recorded_at=0)
    journal.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2 // 4096 * 4096)
        file.write(b"\xff" * (size // 4))
    with Journal.open(path) as damaged:
        found = damaged.verify()
    assert not found.ok
    assert found.first_broken_seq == found.entries + 1
