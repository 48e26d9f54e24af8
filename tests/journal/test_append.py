"""Appending: identity, duplicates, receipts, and what no journal keeps."""

import subprocess
import sys
from pathlib import Path

import pytest

from mrr.journal import Journal, Receipt, ReceiptsSummary, Record
from mrr.journal.append import lookup
from mrr.journal.trouble import RecordRefused

from .offers import everything, record, records, sql


def test_a_batch_is_kept_as_it_was_offered(journal: Journal) -> None:
    receipt = journal.append("stripe", records(1, 3), recorded_at=50)
    assert receipt == Receipt(3, 3, 0, 1, 3, (1, 2, 3))
    first = journal.entry(1)
    assert (first.source, first.key, first.kind) == ("stripe", "evt_1", "customer.subscription.updated")
    assert (first.occurred_at, first.recorded_at, first.body) == (1000, 50, record(1).body)


def test_the_same_record_twice_in_a_batch_is_stored_once(journal: Journal) -> None:
    receipt = journal.append("stripe", [record(1), record(2), record(1)], recorded_at=0)
    assert receipt == Receipt(3, 2, 1, 1, 2, (1, 2, 1))


def test_a_record_of_an_earlier_batch_is_a_duplicate_and_named(journal: Journal) -> None:
    journal.append("stripe", records(1, 5), recorded_at=0)
    assert journal.append("stripe", records(4, 7), recorded_at=0) == Receipt(4, 2, 2, 6, 7, (4, 5, 6, 7))
    assert journal.append("stripe", records(4, 7), recorded_at=0) == Receipt(4, 0, 4, None, None, (4, 5, 6, 7))


def test_source_key_and_body_make_the_identity_and_nothing_else_does(journal: Journal) -> None:
    journal.append("stripe", [Record("k", "a", b"body", 1)], recorded_at=0)
    assert journal.append("stripe", [Record("k", "b", b"body", 2)], recorded_at=0).duplicates == 1
    assert journal.append("other", [Record("k", "a", b"body", 1)], recorded_at=0).appended == 1
    assert journal.append("stripe", [Record("k2", "a", b"body", 1)], recorded_at=0).appended == 1
    assert journal.append("stripe", [Record("k", "a", b"body2", 1)], recorded_at=0).appended == 1


def test_a_batch_of_many_thousands_finds_all_its_duplicates(journal: Journal) -> None:
    journal.append("stripe", records(1, 2500), recorded_at=0)
    receipt = journal.append("stripe", records(1, 5000), recorded_at=0)
    assert (receipt.appended, receipt.duplicates) == (2500, 2500)
    assert receipt.seqs == tuple(range(1, 5001))


def test_duplicates_are_looked_up_by_key_not_by_reading_the_whole_source(journal: Journal, path: Path) -> None:
    journal.append("stripe", records(1, 100), recorded_at=0)
    values = ["stripe", *(f"evt_{n}" for n in range(50)), *(value for n in range(50) for value in (f"evt_{n}", b""))]
    plan = " ".join(row[3] for row in sql(path, f"EXPLAIN QUERY PLAN {lookup(50)}", values))
    assert "(source=? AND key=?" in plan


def test_receipts_add_up_for_ever(journal: Journal, path: Path) -> None:
    journal.append("stripe", records(1, 5), recorded_at=0, note="a.jsonl")
    journal.append("stripe", records(3, 6), recorded_at=0, note="b.jsonl")
    journal.append("stripe", [], recorded_at=0, note="empty.jsonl")
    with Journal.open(path) as again:
        assert again.receipts_summary() == ReceiptsSummary(offered=9, appended=6, duplicates=3)


def test_an_empty_journal_has_received_nothing(journal: Journal) -> None:
    assert journal.receipts_summary() == ReceiptsSummary(0, 0, 0)


def test_recorded_at_never_goes_back(journal: Journal) -> None:
    for instant in (100, 40, 120):
        journal.append("stripe", [record(instant)], recorded_at=instant)
    assert [entry.recorded_at for entry in everything(journal)] == [100, 100, 120]
    assert journal.head().recorded_at == 120


def test_a_batch_of_duplicates_leaves_the_head_alone(journal: Journal) -> None:
    journal.append("stripe", records(1, 2), recorded_at=10)
    before = journal.head()
    journal.append("stripe", records(1, 2), recorded_at=99)
    assert journal.head() == before


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (Record("", "kind", b""), "key: must have 1 to 1000 bytes"),
        (Record("k" * 1001, "kind", b""), "key: must have 1 to 1000 bytes"),
        (Record("k", "ki\0nd", b""), "kind: must have .* no zero byte"),
        (Record("\ud800", "kind", b""), "key: not a Unicode text"),
        (Record("k", "kind", b"", 2**63), "occurred_at: 9223372036854775808 µs does not fit"),
        (Record("k", "kind", bytes(256 * 1024 * 1024 + 1)), "its body has 268435457 bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_record_that_cannot_be_kept_refuses_its_batch_and_is_named(
    journal: Journal, bad: Record, reason: str
) -> None:
    with pytest.raises(RecordRefused, match=f"record 2 of 3 .*{reason}"):
        journal.append("stripe", [record(1), bad, record(2)], recorded_at=0)
    assert journal.head().seq == 0
    assert journal.append("stripe", records(1, 2), recorded_at=0).appended == 2


def test_a_source_without_a_name_is_refused(journal: Journal) -> None:
    with pytest.raises(RecordRefused, match="source: must have"):
        journal.append("", [record(1)], recorded_at=0)


def test_an_empty_body_is_a_body(journal: Journal) -> None:
    journal.append("stripe", [Record("k", "kind", b"")], recorded_at=0)
    assert journal.entry(1).body == b""
    assert journal.verify().ok


_APPENDER = """
import sys
from mrr.journal import Journal
from tests.journal.offers import records
path, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with Journal.open(path) as journal:
    for start in range(first, last, 10):
        journal.append("stripe", records(start, start + 9), recorded_at=0)
"""


def test_two_processes_append_at_once(journal: Journal, path: Path) -> None:
    spans = [("1", "200"), ("101", "300")]
    running = [subprocess.Popen([sys.executable, "-c", _APPENDER, str(path), *span]) for span in spans]
    assert [process.wait(60) for process in running] == [0, 0]
    assert journal.receipts_summary() == ReceiptsSummary(offered=400, appended=300, duplicates=100)
    assert [entry.seq for entry in everything(journal)] == list(range(1, 301))
    assert {entry.key for entry in everything(journal)} == {f"evt_{n}" for n in range(1, 301)}
    assert journal.verify().ok
