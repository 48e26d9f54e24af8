"""The digest chain: its published encoding, recomputed here without the journal's code."""

import hashlib
from pathlib import Path

from mrr.journal import Entry, Journal, Record

from .offers import everything


def _text(value: str) -> bytes:
    encoded = value.encode("utf-8")
    return len(encoded).to_bytes(4, "big") + encoded


def _expected(previous: bytes, entry: Entry) -> bytes:
    occurred = b"\0" if entry.occurred_at is None else b"\1" + entry.occurred_at.to_bytes(8, "big", signed=True)
    return hashlib.sha256(
        previous
        + entry.seq.to_bytes(8, "big")
        + _text(entry.source)
        + _text(entry.key)
        + _text(entry.kind)
        + occurred
        + entry.recorded_at.to_bytes(8, "big", signed=True)
        + hashlib.sha256(entry.body).digest()
    ).digest()


def test_anyone_can_recompute_the_chain(journal: Journal) -> None:
    offered = [Record("k1", "kind", b"one", None), Record("schlüssel", "κind", b"two", -5), Record("k3", "kind", b"")]
    journal.append("stripe", offered, recorded_at=12)
    previous = hashlib.sha256(f"mrr journal {journal.id}".encode()).digest()
    for entry in everything(journal):
        assert entry.digest == _expected(previous, entry)
        assert entry.body_digest == hashlib.sha256(entry.body).digest()
        previous = entry.digest
    assert journal.head().digest == previous


def test_no_two_journals_share_a_chain(tmp_path: Path) -> None:
    heads = set()
    for name in ("a", "b"):
        with Journal.create(tmp_path / name, created_at=0) as journal:
            heads.add((journal.id, journal.head().digest))
    assert len({journal_id for journal_id, _ in heads}) == len({digest for _, digest in heads}) == 2


def test_the_id_stays(journal: Journal, path: Path) -> None:
    with Journal.open(path) as again:
        assert again.id == journal.id
