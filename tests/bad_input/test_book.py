"""The book itself is unwritable, damaged, of another version or of another ledger: said clearly, or mended silently."""

import random
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from mrr.book import Book
from mrr.errors import BookError, PolicyError, WrongUse
from mrr.journal import trouble
from mrr.policy import standard
from mrr.warehouse import Warehouse

from .telling import body, closing, created, goes_on, told

CUSTOMERS = 300
JUNK = random.Random(1).randbytes(2**18)
Damage = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, str]:
    """A book, the bytes of its warehouse, and the digest of its ledger. Tests mend what they damage."""
    folder = created(tmp_path_factory.mktemp("sound") / "book", [body(told(f"c{n}")) for n in range(CUSTOMERS)])
    with Book(folder) as book:
        digest = book.verify().ledger_digest
    assert digest
    return folder, (folder / "warehouse.duckdb").read_bytes(), digest


def answers(folder: Path, digest: str) -> None:
    """Every verb answers as before."""
    with Book(folder) as book:
        assert len(book.movements(as_of="2025-06-01")) == CUSTOMERS
        assert book.rollforward(as_of="2025-06-01").rows[-1].closing_micros == CUSTOMERS * 20_000_000
        found = book.verify()
        assert found.ok
        assert found.ledger_digest == digest


@pytest.mark.parametrize("damage", [
    lambda _: b"",
    lambda _: JUNK,
    lambda sound: sound[:100],
    lambda sound: sound[: len(sound) // 2],
    lambda sound: sound[:-4096],
    lambda sound: JUNK[:4096] + sound[4096:],
    lambda sound: sound[:12288] + (JUNK * 99)[: len(sound) - 12288],
    lambda sound: sound[:-100_000] + JUNK[:100_000],
    lambda sound: sound[:12288] + bytes(len(sound) - 12288),
], ids=["empty", "junk", "100 bytes", "half", "almost all", "head", "all but the head", "tail", "zeros"])  # fmt: skip
def test_a_damaged_warehouse_is_rebuilt(sound: tuple[Path, bytes, str], damage: Damage) -> None:
    folder, whole, digest = sound
    (folder / "warehouse.duckdb").write_bytes(damage(whole))
    answers(folder, digest)


def test_a_missing_warehouse_and_junk_beside_it(sound: tuple[Path, bytes, str]) -> None:
    folder, whole, digest = sound
    (folder / "warehouse.duckdb").unlink()
    answers(folder, digest)
    (folder / "warehouse.duckdb").write_bytes(whole)
    for name in ("warehouse.duckdb.wal", "warehouse.duckdb.new", "warehouse.duckdb.new.wal"):
        (folder / name).write_bytes(JUNK)
    answers(folder, digest)
    with Book(folder) as book:
        assert book.build().ledger_digest == digest
    assert sorted(path.name for path in folder.glob("warehouse*")) == ["warehouse.duckdb"]


@pytest.mark.parametrize("statements", [
    "UPDATE watermark SET journal_id = 'another'",
    "UPDATE watermark SET engine = 'another'",
    "UPDATE watermark SET policy = 'another'",
    "UPDATE watermark SET chain = 'another'",
    "UPDATE watermark SET seq = seq + 1",
    "DELETE FROM watermark",
    "DROP TABLE watermark; CREATE TABLE watermark (x INTEGER)",
    "DROP TABLE watermark; CREATE SCHEMA s; CREATE TABLE s.watermark (x INTEGER)",
])  # fmt: skip
def test_a_warehouse_of_another_ledger_is_rebuilt(sound: tuple[Path, bytes, str], statements: str) -> None:
    folder, whole, digest = sound
    (folder / "warehouse.duckdb").write_bytes(whole)
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        # A ledger that no rebuild made would have another digest.
        connection.execute("UPDATE ledger.customer_digest SET digest = 'forged'; " + statements)
    answers(folder, digest)


def test_a_table_that_is_gone_comes_back(sound: tuple[Path, bytes, str]) -> None:
    folder, whole, digest = sound
    answers(folder, digest)
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("DROP TABLE ledger.movement")
    answers(folder, digest)
    assert len(whole) > 0


def test_a_directory_in_the_place_of_the_warehouse(tmp_path: Path) -> None:
    folder = created(tmp_path / "book")
    (folder / "warehouse.duckdb").mkdir()
    with Book(folder) as book, pytest.raises(BookError, match=r"warehouse\.duckdb: Is a directory") as raised:
        book.verify()
    assert raised.value.remedy == "Move it out of the book, then try again."
    (folder / "warehouse.duckdb").rmdir()
    goes_on(folder)


def test_a_changed_policy_is_another_ledger(tmp_path: Path) -> None:
    folder = created(tmp_path / "book", [body(told("acme"))])
    policy = folder / "policy.toml"
    before = policy.read_text()
    with Book(folder) as book:
        digest = book.verify().ledger_digest
    policy.write_text(before.replace('"currency" = "USD"', '"currency" = "EUR"'))
    with Book(folder) as book:
        # Without a rate there is nothing to say in euros.
        assert book.definition(as_of="2025-06-01").pending_items == 1
        assert book.verify().ledger_digest != digest
    policy.write_text(before)
    with Book(folder) as book:
        assert book.verify().ledger_digest == digest
    goes_on(folder)


@pytest.mark.parametrize(("text", "told_words"), [
    ('churn_at = "sometimes"', ["churn_at = 'sometimes' is not allowed", "paid_through"]),
    ('chrun_at = "ended"', ["chrun_at is no key of a policy"]),
    ("churn_at = ", ["policy.toml is no TOML"]),
    ("\x00", ["policy.toml is no TOML"]),
])  # fmt: skip
def test_a_broken_policy_names_the_key_and_what_is_allowed(tmp_path: Path, text: str, told_words: list[str]) -> None:
    folder = created(tmp_path / "book")
    policy = folder / "policy.toml"
    before = policy.read_text()
    policy.write_text(text)
    with pytest.raises(PolicyError) as raised:
        Book(folder)
    assert all(words in str(raised.value) for words in told_words)
    policy.write_bytes(b"\xff")
    with pytest.raises(PolicyError, match=r"policy\.toml"):
        Book(folder)
    policy.write_text(before)
    goes_on(folder)


@pytest.mark.parametrize("content", [b'name = "x"\nformat = 2\n', b"format = ", b"\xff\xfe", b""])
def test_settings_of_a_newer_version_or_broken(tmp_path: Path, content: bytes) -> None:
    folder = created(tmp_path / "book")
    settings = folder / "mrr.toml"
    before = settings.read_bytes()
    settings.write_bytes(content)
    with pytest.raises(BookError, match="newer version" if b"2" in content or not content else "mrr.toml") as raised:
        Book(folder)
    assert raised.value.exit_code == 3
    assert raised.value.remedy
    settings.write_bytes(before)
    goes_on(folder)


def test_a_journal_of_a_newer_version(tmp_path: Path) -> None:
    folder = created(tmp_path / "book", [body(told("acme"))])
    before = (folder / "warehouse.duckdb").read_bytes()
    _schema_version(folder, "schema_version + 1")
    with pytest.raises(trouble.NewerJournal) as raised:
        Book(folder)
    assert raised.value.exit_code == 3
    assert (folder / "warehouse.duckdb").read_bytes() == before
    _schema_version(folder, "schema_version - 1")
    goes_on(folder)


def _schema_version(folder: Path, version: str) -> None:
    with sqlite3.connect(folder / "journal.sqlite") as store:
        store.execute(f"UPDATE journal SET schema_version = {version}")
    store.close()


def test_not_a_book(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no book")
    (tmp_path / "mrr.toml").write_text("format = 1\n")
    for place in (tmp_path / "file", tmp_path / "absent", tmp_path):
        with pytest.raises(BookError) as raised:
            Book(place)
        assert str(place) in str(raised.value)
        assert raised.value.exit_code == 3
    for place in (tmp_path / "file", tmp_path / "file" / "book"):
        with pytest.raises(BookError, match="file"):
            Book.create(place, policy=standard())


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[Path]:
    """A book on a file system that cannot be written; only root can make one."""
    folder = created(tmp_path / "book", [body(told("acme"))])
    for words in (["--bind", str(folder), str(folder)], ["-o", "remount,bind,ro", str(folder)]):
        if subprocess.run(["mount", *words], capture_output=True).returncode:
            pytest.skip("a read-only file system cannot be mounted here")
    yield folder
    # It may be gone already, and a test that failed may still hold a file of it.
    subprocess.run(["umount", "--lazy", folder], capture_output=True)


def test_a_book_that_cannot_be_written(sealed: Path) -> None:
    with pytest.raises(BookError, match=r"cannot be (opened|written)") as raised, Book(sealed) as book:
        book.append_bodies([body(told("b"))], source="native")
    assert raised.value.exit_code == 3
    assert raised.value.remedy
    with pytest.raises(BookError), Book(sealed) as book:
        book.verify()
    subprocess.run(["umount", "--lazy", sealed], check=True)
    assert closing(sealed) == 20_000_000
    goes_on(sealed)


@pytest.mark.parametrize("size", ["much", "3", "0GB", "-1GB", "3GB; ATTACH 'x'"])
def test_a_size_of_memory_that_is_none(monkeypatch: pytest.MonkeyPatch, size: str) -> None:
    monkeypatch.setenv("MRR_MEMORY", size)
    with pytest.raises(WrongUse, match="MRR_MEMORY") as refused:
        Warehouse()
    assert "512MB" in refused.value.remedy


def test_a_warehouse_takes_the_memory_that_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MRR_MEMORY", "512MiB")
    warehouse = Warehouse()
    assert warehouse.one("SELECT current_setting('memory_limit')") == ("512.0 MiB",)
    warehouse.close()
