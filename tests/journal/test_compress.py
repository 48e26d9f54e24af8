"""Frames and dictionaries: used, kept with the entry, and never trusted with memory."""

import tracemalloc
from pathlib import Path

import pytest
import zstandard

from mrr.journal import Journal, Record
from mrr.journal.compress import train, unpack
from mrr.journal.trouble import JournalDamaged

from .offers import everything, record, records, sql


def _used(path: Path) -> list[tuple[int | None, int]]:
    return sql(path, "SELECT dictionary_id, count(*) FROM entry GROUP BY 1 ORDER BY min(seq)")


def test_a_large_batch_trains_a_dictionary_and_uses_it_at_once(journal: Journal, path: Path) -> None:
    journal.append("stripe", records(1, 499), recorded_at=0)
    assert _used(path) == [(None, 499)]
    journal.append("stripe", records(500, 1200), recorded_at=0)
    assert _used(path) == [(None, 499), (1, 701)]
    assert [entry.body for entry in everything(journal)] == [record(n).body for n in range(1, 1201)]


def test_small_batches_train_once_the_journal_has_enough(journal: Journal, path: Path) -> None:
    for first in range(1, 1001, 100):
        journal.append("stripe", records(first, first + 99), recorded_at=0)
    assert _used(path) == [(None, 400), (1, 600)]


def test_a_single_record_that_makes_it_enough_learns_from_those_before_it(journal: Journal, path: Path) -> None:
    journal.append("stripe", records(1, 499), recorded_at=0)
    journal.append("stripe", records(500, 500), recorded_at=0)
    assert _used(path) == [(None, 499), (1, 1)]
    assert journal.entry(500).body == record(500).body


def test_a_dictionary_makes_small_bodies_smaller(journal: Journal, path: Path) -> None:
    journal.append("stripe", records(1, 400), recorded_at=0)
    journal.append("stripe", records(401, 1400), recorded_at=0)
    (plain, trained) = sql(path, "SELECT avg(length(body)) FROM entry GROUP BY dictionary_id ORDER BY dictionary_id")
    assert trained[0] < plain[0] / 2


def test_another_process_finds_the_dictionary(journal: Journal, path: Path) -> None:
    journal.append("stripe", records(1, 600), recorded_at=0)
    with Journal.open(path) as other:
        other.append("stripe", records(601, 610), recorded_at=0)
        assert [entry.key for entry in other.entries([1, 605])] == ["evt_1", "evt_605"]
    assert _used(path) == [(1, 610)]


def test_each_source_has_its_own_dictionary(journal: Journal, path: Path) -> None:
    journal.append("stripe", records(1, 600), recorded_at=0)
    journal.append("ecb", [Record(f"{n}", "rate", b'{"rate":"%d.17","base":"EUR"}' % n) for n in range(600)], 0)
    assert sql(path, "SELECT source FROM dictionary ORDER BY dictionary_id") == [("stripe",), ("ecb",)]
    assert _used(path) == [(1, 600), (2, 600)]


@pytest.mark.parametrize("bodies", [[b""] * 600, [b"a"] * 600, [b"%d" % n for n in range(600)]])
def test_bodies_from_which_nothing_can_be_learnt_are_kept_plain(
    journal: Journal, path: Path, bodies: list[bytes]
) -> None:
    journal.append("stripe", [Record(f"k{n}", "kind", body) for n, body in enumerate(bodies)], recorded_at=0)
    journal.append("stripe", [Record("last", "kind", b"body")], recorded_at=0)
    assert [entry.body for entry in everything(journal)] == [*bodies, b"body"]


def _claiming(size: int) -> bytes:
    """A frame whose header claims `size` bytes of content, and then holds almost nothing."""
    return b"\x28\xb5\x2f\xfd\xe0" + size.to_bytes(8, "little") + b"\x01\x00\x00"


@pytest.mark.parametrize("claimed", [2**62, 64 * 1024**3])
def test_a_crafted_frame_cannot_take_memory(journal: Journal, path: Path, claimed: int) -> None:
    journal.append("stripe", records(1, 2), recorded_at=0)
    sql(path, "UPDATE entry SET body = ? WHERE seq = 2", [_claiming(claimed)])
    with pytest.raises(JournalDamaged, match=f"entry 2 is not what was written: its frame claims {claimed} bytes"):
        journal.entry(2)
    sql(path, "UPDATE entry SET body_size = ? WHERE seq = 2", [claimed])
    with pytest.raises(JournalDamaged, match="entry 2 is not what was written"):
        journal.entry(2)
    assert journal.verify().first_broken_seq == 2


def test_a_bomb_of_a_thousand_to_one_stops_at_the_stored_size(journal: Journal, path: Path) -> None:
    bomb = zstandard.compress(bytes(200 * 1024 * 1024))
    journal.append("stripe", records(1, 2), recorded_at=0)
    sql(path, "UPDATE entry SET body = ? WHERE seq = 2", [bomb])
    tracemalloc.start()
    with pytest.raises(JournalDamaged, match="entry 2"):
        journal.entry(2)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * 1024 * 1024


def test_a_frame_without_a_size_is_not_ours() -> None:
    frame = zstandard.ZstdCompressor(write_content_size=False).compress(b"body")
    with pytest.raises(JournalDamaged, match="claims -1 bytes where 4 were stored"):
        unpack(zstandard.ZstdDecompressor(), frame, 4)


def test_training_needs_material() -> None:
    assert train([]) is None
    assert train([b"short"] * 3) is None
    trained = train([record(n).body for n in range(1000)])
    assert trained is not None
    assert len(trained) <= 64 * 1024
