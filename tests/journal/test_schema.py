"""Schema versions: older journals are brought forward, newer ones refused, a failed script leaves no trace."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import zstandard

from mrr.journal import Journal, ReceiptsSummary, schema, trouble
from mrr.journal.chain import body_digest, entry_digest, genesis

from .offers import everything, record, records, sql


@pytest.fixture
def older(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal of schema version 1 with three entries, as the first version would have written it."""
    with monkeypatch.context() as patch:
        patch.setattr(schema, "SCRIPTS", schema.SCRIPTS[:1])
        Journal.create(path, created_at=0).close()
    ((journal_id, version),) = sql(path, "SELECT id, schema_version FROM journal")
    assert version == 1
    digest = genesis(journal_id)
    for seq, each in enumerate(records(1, 3), start=1):
        fields = ("stripe", each.key, each.kind, each.occurred_at, 9)
        digest = entry_digest(digest, seq, *fields, body_digest(each.body))
        row = (seq, *fields, zstandard.compress(each.body), len(each.body), body_digest(each.body), digest, None)
        sql(path, "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    sql(path, "UPDATE head SET seq = 3, digest = ?, recorded_at = 9", [digest])
    sql(path, "INSERT INTO receipt VALUES (1, 9, 'stripe', '', 3, 3, 0)")
    return path


def _tables(path: Path) -> set[str]:
    return {name for (name,) in sql(path, "SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_new_journal_has_the_newest_schema(journal: Journal) -> None:
    assert journal.schema_version == len(schema.SCRIPTS) >= 2


def test_an_older_journal_is_brought_forward_with_all_it_holds(older: Path) -> None:
    assert "dictionary" not in _tables(older)
    with Journal.open(older) as journal:
        assert journal.schema_version == len(schema.SCRIPTS)
        assert [entry.body for entry in everything(journal)] == [record(n).body for n in (1, 2, 3)]
        assert journal.append("stripe", records(2, 4), recorded_at=9).appended == 1
        assert journal.receipts_summary() == ReceiptsSummary(6, 4, 2)
        assert journal.verify().ok


def test_an_older_journal_is_not_migrated_by_a_reader(older: Path) -> None:
    with pytest.raises(trouble.OlderJournal, match="schema version 1 is older than") as raised:
        Journal.open(older, read_only=True)
    assert "migrates it" in raised.value.remedy
    assert "dictionary" not in _tables(older)


def test_two_that_open_an_older_journal_at_once_migrate_it_once(older: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(Journal.open, [older] * 4))
    assert {journal.schema_version for journal in opened} == {len(schema.SCRIPTS)}
    for journal in opened:
        journal.close()


def test_a_newer_journal_is_refused_with_the_remedy(journal: Journal, path: Path) -> None:
    sql(path, "UPDATE journal SET schema_version = 99")
    for read_only in (True, False):
        with pytest.raises(trouble.NewerJournal, match="schema version 99 is newer than") as raised:
            Journal.open(path, read_only=read_only)
        assert raised.value.remedy.startswith("Upgrade mrr")
        assert raised.value.exit_code == 3


def test_a_script_that_fails_leaves_no_trace(journal: Journal, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.append("stripe", records(1, 3), recorded_at=0)
    next_version = len(schema.SCRIPTS) + 1
    with monkeypatch.context() as patch:
        patch.setattr(
            schema, "SCRIPTS", (*schema.SCRIPTS, "CREATE TABLE token (id TEXT); INSERT INTO absent VALUES (1)")
        )
        with pytest.raises(trouble.JournalTrouble, match="no such table: absent"):
            Journal.open(path)
    assert "token" not in _tables(path)
    assert sql(path, "SELECT schema_version FROM journal") == [(next_version - 1,)]
    monkeypatch.setattr(schema, "SCRIPTS", (*schema.SCRIPTS, "CREATE TABLE token (id TEXT, secret $BYTES)"))
    with Journal.open(path) as again:
        assert again.schema_version == next_version
        assert again.append("stripe", records(1, 4), recorded_at=0).appended == 1


def test_a_journal_table_without_a_row_is_no_journal(journal: Journal, path: Path) -> None:
    sql(path, "DELETE FROM journal")
    with pytest.raises(trouble.NotAJournal, match="the table `journal` is empty"):
        Journal.open(path)
